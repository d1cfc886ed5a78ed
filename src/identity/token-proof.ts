import jsonwebtoken from 'jsonwebtoken';
import type { TokenErrorCode } from './token-refusal.ts';
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
 * @returns what is wrong with it; null: nothing
 */
export function verifyProof(token: string, expected: Expected): Verdict | Promise<Verdict> {
  const { algorithm } = expected.key;
  if (algorithm === 'EdDSA') return verifyByJose(token, expected.key);
  const { key, issuer, nowSeconds } = expected;
  try {
    jsonwebtoken.verify(token, key.key, {
      algorithms: [algorithm],
      issuer: issuer.issuer,
      audience: issuer.audiences,
      clockTolerance: issuer.toleranceSeconds,
      clockTimestamp: nowSeconds,
    });
    return null;
  } catch (error) {
    return codeOf(error);
  }
}

type Verdict = TokenErrorCode | null;

/** jsonwebtoken has no EdDSA. The claims are verified by what comes after. */
async function verifyByJose(token: string, { key, algorithm }: VerificationKey): Promise<Verdict> {
  // Loaded for who has such a key only: most have none, and a start should be quick.
  const { compactVerify } = await import('jose');
  return compactVerify(token, key, { algorithms: [algorithm] }).then(
    () => null,
    () => 'token-signature',
  );
}

/** jsonwebtoken’s messages, by how they begin: it has no codes. All else is a bad signature. */
const LIBRARY_REFUSALS: readonly (readonly [string, TokenErrorCode])[] = [
  ['jwt expired', 'token-expired'],
  ['jwt not active', 'token-not-yet-valid'],
  ['invalid exp', 'token-claims'],
  ['invalid nbf', 'token-claims'],
  ['jwt audience', 'token-audience'],
];

/** The library’s error is not kept as a cause: what it says is not ours to vouch for. */
function codeOf(error: unknown): TokenErrorCode {
  const message = error instanceof Error ? error.message : '';
  const row = LIBRARY_REFUSALS.find(([beginning]) => message.startsWith(beginning));
  return row?.[1] ?? 'token-signature';
}
