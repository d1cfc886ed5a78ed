import { type Claims, PRINTABLE, TENANT_NAME, type Tenant } from './tenant.ts';
import { tokenRefusal } from './token-refusal.ts';
import type { TrustedIssuer } from './trusted-issuer.ts';

/** The end of the year 9999: a larger `exp` is a mistake, often milliseconds. */
const MAX_SECONDS = 253_402_300_799;

const MAX_GROUPS = 256;

/**
 * The tenant that the claims of a token with a proven signature name. What jsonwebtoken has looked
 * at (`exp`, `nbf`, `iss`, `aud`) is looked at again, strictly: it lets a missing `exp` pass.
 * Source: RFC 7519, section 4.1.
 * @throws GatewayError `token-claims`, `token-expired`, `token-not-yet-valid`, `token-audience`
 */
export function tenantOf(claims: Claims, trusted: TrustedIssuer, nowSeconds: number): Tenant {
  const expiresAt = verifyTimes(claims, trusted, nowSeconds);
  verifyAudience(claims.aud, trusted);
  const { issuer } = trusted;
  return Object.freeze({
    name: nameOf(claims, trusted),
    subject: textOf(claims, 'sub'),
    issuer,
    tokenId: claims.jti === undefined ? null : textOf(claims, 'jti'),
    expiresAt,
    groups: groupsOf(claims, trusted),
    claims,
  });
}

/**
 * Verify that a token is in its time, as it must be each time that it is used.
 * @returns when it expires
 * @throws GatewayError `token-claims`, `token-expired`, `token-not-yet-valid`
 */
export function verifyTimes(
  claims: Claims,
  { toleranceSeconds, maxAgeSeconds }: TrustedIssuer,
  nowSeconds: number,
): Date {
  const exp = secondsOf(claims, 'exp');
  const nbf = secondsOf(claims, 'nbf');
  const iat = secondsOf(claims, 'iat');
  if (exp === undefined) throw tokenRefusal('token-claims', '`exp` is required');
  // INVARIANT: each comparison is written so that a clock that is not a number refuses.
  if (!(nowSeconds < exp + toleranceSeconds)) throw tokenRefusal('token-expired');
  const latestStart = nowSeconds + toleranceSeconds;
  if (
    (nbf !== undefined && !(nbf <= latestStart)) ||
    (iat !== undefined && !(iat <= latestStart))
  ) {
    throw tokenRefusal('token-not-yet-valid');
  }
  if (maxAgeSeconds !== null) {
    if (iat === undefined) throw tokenRefusal('token-claims', '`iat` is required');
    if (!(nowSeconds - iat < maxAgeSeconds + toleranceSeconds)) {
      throw tokenRefusal('token-expired', '`iat` lies too far back: get a new token');
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

function isPrintable(value: unknown): value is string {
  return isText(value) && PRINTABLE.test(value);
}

function textOf(claims: Claims, name: string): string {
  const value = claims[name];
  if (isPrintable(value)) return value;
  throw tokenRefusal('token-claims', `\`${name}\` must be a string of 1 to 256 ASCII characters`);
}

function nameOf(claims: Claims, { tenantClaim, tenantsBySubject, tenants }: TrustedIssuer): string {
  const value = claims[tenantClaim];
  const name = isText(value) && tenantsBySubject !== null ? tenantsBySubject.get(value) : value;
  if (isText(name) && TENANT_NAME.test(name) && (tenants === null || tenants.has(name))) {
    return name;
  }
  // One answer for a bad name and for one that is not this issuer's.
  throw tokenRefusal('token-claims', `\`${tenantClaim}\` must name a tenant of this issuer`);
}

function groupsOf(claims: Claims, { groupsClaim }: TrustedIssuer): readonly string[] {
  const groups = groupsClaim === null ? undefined : claims[groupsClaim];
  if (groups === undefined) return NO_GROUPS;
  if (Array.isArray(groups) && groups.length <= MAX_GROUPS && groups.every(isPrintable)) {
    return groups;
  }
  throw tokenRefusal('token-claims', `\`${groupsClaim}\` must be a list of names`);
}

const NO_GROUPS: readonly string[] = Object.freeze([]);
