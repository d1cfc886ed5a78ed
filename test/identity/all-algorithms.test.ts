import { describe, expect, test } from 'vitest';
import { GatewayError } from '../../src/errors.ts';
import { TOKEN_ALGORITHMS } from '../../src/identity/issuer-settings.ts';
import { createTokenVerifier } from '../../src/identity/token-verifier.ts';
import {
  EVERY_ISSUER,
  EVERY_WITNESS,
  goodTokens,
  mixedUpTokens,
  signerOf,
  spoiltTokens,
} from './all-algorithms.ts';
import { witness } from './strict-witness.ts';
import { claimsWith, forge, NOW, NOW_SECONDS, TOLERANCE_SECONDS } from './token-forge.ts';

const clock = { nowSeconds: NOW_SECONDS, toleranceSeconds: TOLERANCE_SECONDS };
const verifier = createTokenVerifier([EVERY_ISSUER], clock);
const judge = (token: string) => witness(token, [EVERY_WITNESS], clock);

async function codeOf(token: string): Promise<string> {
  try {
    return (await verifier.verify(token, NOW)).name;
  } catch (error) {
    expect(error).toBeInstanceOf(GatewayError);
    return (error as GatewayError).code;
  }
}

describe('every algorithm proves its tenant, to the witness too', () => {
  test.each(goodTokens())('$name', async ({ token }) => {
    expect(judge(token)).toMatchObject({ name: 'acme', tokenId: 'token-0001' });
    expect(await codeOf(token)).toBe('acme');
    // Remembered, it is proven at once, whatever the algorithm.
    expect(verifier.verify(token, NOW)).toMatchObject({ name: 'acme' });
  });

  test.each(TOKEN_ALGORITHMS.filter((algorithm) => algorithm !== 'EdDSA'))(
    '%s at once, without a promise',
    (alg) => {
      const token = forge({
        header: { alg },
        payload: claimsWith({ iss: EVERY_ISSUER.issuer, jti: 'fresh' }),
        signer: signerOf(alg),
      });
      expect(verifier.verify(token, NOW)).toMatchObject({ name: 'acme' });
    },
  );
});

describe.each([
  ['T02, a key for one algorithm is used for another', mixedUpTokens()],
  ['T02, a signature that is nearly good', spoiltTokens()],
] as const)('%s', (_, attacks) => {
  test.each(attacks)('$name: refused', async ({ token, codes }) => {
    expect(judge(token)).toBeTypeOf('string');
    expect(codes).toContain(await codeOf(token));
  });
});

test('the tables hold several hundred different tokens', () => {
  const tokens = [...mixedUpTokens(), ...spoiltTokens()].map(({ token }) => token);
  expect(new Set(tokens).size).toBeGreaterThan(600);
});
