import type { Tenant } from '../../src/identity/tenant.ts';
import type { TokenVerifier } from '../../src/identity/token-verifier.ts';

/** What a verifier says at once, as it must for configured keys of every algorithm but EdDSA. */
export function verifyNow(verifier: TokenVerifier, token: string, now: Date): Tenant {
  const verified = verifier.verify(token, now);
  if (verified instanceof Promise) throw new Error('the verdict is a promise');
  return verified;
}
