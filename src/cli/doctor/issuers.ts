import type { Configuration } from '../../config/load.ts';
import { createTokenVerifier } from '../../identity/token-verifier.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

/** Whether the keys of each issuer can be had. */
export async function checkIssuers(
  { issuers, settings }: Configuration,
  now: () => Date,
): Promise<readonly Finding[]> {
  const verifier = createTokenVerifier(issuers, settings.identity);
  try {
    await verifier.open({ now, onChange: () => undefined });
    return verifier.status(now()).map(({ issuer, state, kids, problem, ignored }) => {
      const check = `issuer ${issuer}`;
      if (problem !== null) {
        return fail(check, problem, 'its tokens cannot be verified: see whether it can be reached');
      }
      const seen = `${kids.length} ${kids.length === 1 ? 'key' : 'keys'}, ${state}`;
      if (ignored.length === 0) return ok(check, seen);
      return warn(check, `${seen}; not used: ${ignored.join('; ')}`, 'ask its operator about them');
    });
  } finally {
    verifier.close();
  }
}
