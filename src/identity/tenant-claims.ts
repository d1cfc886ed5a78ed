import { type Claims, TENANT_NAME, type Tenant } from './tenant.ts';
import { tokenRefusal } from './token-refusal.ts';
import { PRINTABLE, type TrustedIssuer } from './trusted-issuer.ts';

/** The end of the year 9999: a larger `exp` is a mistake, often milliseconds. */
const MAX_SECONDS = 253_402_300_799;

/** Unix seconds, and how far another clock may be off. */
export interface TokenClock {
  readonly nowSeconds: number;
  readonly toleranceSeconds: number;
}

/**
 * The tenant that the claims of a token with a proven signature name. What jsonwebtoken has looked
 * at (`exp`, `nbf`, `iss`, `aud`) is looked at again, strictly: it lets a missing `exp` pass.
 * Source: RFC 7519, section 4.1.
 * @throws GatewayError `token-claims`, `token-expired`, `token-not-yet-valid`, `token-audience`
 */
export function tenantOf(claims: Claims, trusted: TrustedIssuer, clock: TokenClock): Tenant {
  const expiresAt = verifyTimes(claims, clock);
  verifyAudience(claims.aud, trusted);
  const tokenId = claims.jti === undefined ? null : textOf(claims, 'jti');
  const { issuer } = trusted;
  const [subject, name] = [textOf(claims, 'sub'), nameOf(claims, trusted)];
  return Object.freeze({ name, subject, issuer, tokenId, expiresAt, claims });
}

function verifyTimes(claims: Claims, { nowSeconds, toleranceSeconds }: TokenClock): Date {
  const [exp, nbf, iat] = ['exp', 'nbf', 'iat'].map((name) => secondsOf(claims, name));
  if (exp === undefined) throw tokenRefusal('token-claims', '`exp` is required');
  // INVARIANT: each comparison is written so that a clock that is not a number refuses.
  if (!(nowSeconds < exp + toleranceSeconds)) throw tokenRefusal('token-expired');
  for (const start of [nbf, iat]) {
    if (start !== undefined && !(start <= nowSeconds + toleranceSeconds)) {
      throw tokenRefusal('token-not-yet-valid');
    }
  }
  return new Date(exp * 1000);
}

function secondsOf(claims: Claims, name: string): number | undefined {
  const value = claims[name];
  if (value === undefined) return undefined;
  if (typeof value === 'number' && value >= 0 && value <= MAX_SECONDS) return value;
  throw tokenRefusal('token-claims', `\`${name}\` must be a number of Unix seconds`);
}

function verifyAudience(aud: unknown, { audiences }: TrustedIssuer): void {
  const named: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  if (!named.every(isText) || !named.some((audience) => audiences.includes(audience))) {
    throw tokenRefusal('token-audience');
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function textOf(claims: Claims, name: string): string {
  const value = claims[name];
  if (isText(value) && PRINTABLE.test(value)) return value;
  throw tokenRefusal('token-claims', `\`${name}\` must be a string of 1 to 256 ASCII characters`);
}

function nameOf(claims: Claims, { tenantClaim, tenants }: TrustedIssuer): string {
  const name = claims[tenantClaim];
  if (isText(name) && TENANT_NAME.test(name) && (tenants === null || tenants.has(name))) {
    return name;
  }
  // One answer for a bad name and for one that is not this issuer's.
  throw tokenRefusal('token-claims', `\`${tenantClaim}\` must name a tenant of this issuer`);
}
