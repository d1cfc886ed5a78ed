import jsonwebtoken from 'jsonwebtoken';
import { ConfigurationError, type GatewayError } from '../errors.ts';
import { parseCompactToken } from './compact-token.ts';
import type { IssuerSettings } from './issuer-settings.ts';
import type { Tenant } from './tenant.ts';
import { type TokenClock, tenantOf } from './tenant-claims.ts';
import { type TokenErrorCode, tokenRefusal } from './token-refusal.ts';
import { keyFor, type TrustedIssuer, trustIssuers } from './trusted-issuer.ts';
import type { VerificationKey } from './verification-key.ts';

const MAX_TOLERANCE_SECONDS = 300;

export interface TokenVerifier {
  /**
   * The tenant that a bearer token proves.
   * @throws GatewayError with a code of `token-*`, and nothing else
   */
  verify(token: string, now: Date): Tenant;
}

/**
 * A verifier for the tokens of these issuers; their keys are made here, once.
 * @throws ConfigurationError with every problem of every issuer and key
 */
export function createTokenVerifier(
  issuers: readonly IssuerSettings[],
  { toleranceSeconds }: { toleranceSeconds: number },
): TokenVerifier {
  if (!(toleranceSeconds >= 0 && toleranceSeconds <= MAX_TOLERANCE_SECONDS)) {
    const problem = `toleranceSeconds is not between 0 and ${MAX_TOLERANCE_SECONDS}`;
    throw new ConfigurationError('the token verifier cannot be made', [problem]);
  }
  const trusted = trustIssuers(issuers);
  return {
    verify(token, now) {
      const compact = parseCompactToken(token);
      const issuer = trusted.get(compact.unverified.iss);
      if (issuer === undefined) throw tokenRefusal('token-issuer');
      const clock = { nowSeconds: now.getTime() / 1000, toleranceSeconds };
      proveToken(compact.text, { issuer, key: keyFor(issuer, compact), clock });
      return tenantOf(compact.unverified, issuer, clock);
    },
  };
}

/** INVARIANT: the library is told what to expect; nothing here is taken from the token. */
function proveToken(token: string, { issuer, key, clock }: Expected): void {
  try {
    jsonwebtoken.verify(token, key.key, {
      algorithms: [key.algorithm],
      issuer: issuer.issuer,
      audience: issuer.audiences,
      clockTolerance: clock.toleranceSeconds,
      clockTimestamp: clock.nowSeconds,
    });
  } catch (error) {
    throw refusalOf(error);
  }
}

interface Expected {
  readonly issuer: TrustedIssuer;
  readonly key: VerificationKey;
  readonly clock: TokenClock;
}

/** jsonwebtoken’s messages, by how they begin: it has no codes. All else is a bad signature. */
const LIBRARY_REFUSALS: readonly (readonly [string, TokenErrorCode])[] = [
  ['jwt expired', 'token-expired'],
  ['jwt not active', 'token-not-yet-valid'],
  ['invalid exp', 'token-claims'],
  ['invalid nbf', 'token-claims'],
  ['jwt audience', 'token-audience'],
];

/** The library’s error is not kept as the cause: what it says is not ours to vouch for. */
function refusalOf(error: unknown): GatewayError {
  const message = error instanceof Error ? error.message : '';
  const row = LIBRARY_REFUSALS.find(([beginning]) => message.startsWith(beginning));
  return tokenRefusal(row?.[1] ?? 'token-signature');
}
