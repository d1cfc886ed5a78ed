import jsonwebtoken from 'jsonwebtoken';
import type { GatewayError } from '../errors.ts';
import { type TokenErrorCode, tokenRefusal } from './token-refusal.ts';
import type { TrustedIssuer } from './trusted-issuer.ts';
import type { VerificationKey } from './verification-key.ts';

/** What a token is held against: nothing of it is taken from the token. */
export interface Expected {
  readonly issuer: TrustedIssuer;
  readonly key: VerificationKey;
  readonly nowSeconds: number;
}

/**
 * Verify a token's signature, at once or, for EdDSA, in a promise.
 * @throws GatewayError with a code of `token-*`
 */
export function proveToken(token: string, expected: Expected): void | Promise<void> {
  const { algorithm } = expected.key;
  if (algorithm === 'EdDSA') return proveByJose(token, expected.key);
  const { key, issuer, nowSeconds } = expected;
  try {
    jsonwebtoken.verify(token, key.key, {
      algorithms: [algorithm],
      issuer: issuer.issuer,
      audience: issuer.audiences,
      clockTolerance: issuer.toleranceSeconds,
      clockTimestamp: nowSeconds,
    });
  } catch (error) {
    throw refusalOf(error);
  }
}

/** jsonwebtoken has no EdDSA. The claims are verified by what comes after. */
async function proveByJose(token: string, { key, algorithm }: VerificationKey): Promise<void> {
  // Loaded for who has such a key only: it takes a tenth of the start.
  const { compactVerify } = await import('jose');
  try {
    await compactVerify(token, key, { algorithms: [algorithm] });
  } catch {
    throw tokenRefusal('token-signature');
  }
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
