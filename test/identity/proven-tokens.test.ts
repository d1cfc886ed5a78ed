import crypto from 'node:crypto';
import { describe, expect, test, vi } from 'vitest';
import { ProvenTokens } from '../../src/identity/proven-tokens.ts';
import type { Tenant } from '../../src/identity/tenant.ts';
import { createTokenVerifier } from '../../src/identity/token-verifier.ts';
import type { TrustedIssuer } from '../../src/identity/trusted-issuer.ts';
import { verdictOf } from './key-reading.ts';
import { claimsWith, ISSUERS, NOW, NOW_SECONDS, tokenWith } from './token-forge.ts';
import { verifyNow } from './verify-now.ts';

const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);

/** How many signatures are verified while something is done. */
function proofsOf(act: () => void): number {
  const verify = vi.spyOn(crypto, 'createVerify');
  const hmac = vi.spyOn(crypto, 'createHmac');
  act();
  const count = verify.mock.calls.length + hmac.mock.calls.length;
  verify.mockRestore();
  hmac.mockRestore();
  return count;
}

describe('a token that is verified is remembered', () => {
  test('T15b, so that a thousand uses of it are one proof', () => {
    const verifier = createTokenVerifier(ISSUERS, { toleranceSeconds: 60 });
    const token = tokenWith(undefined, {}, 'RS256');
    const proofs = proofsOf(() => {
      for (let use = 0; use < 1000; use += 1) {
        expect(verifyNow(verifier, token, NOW).name).toBe('acme');
      }
    });
    expect(proofs).toBe(1);
  });

  test('and not when there is no room for any', () => {
    const verifier = createTokenVerifier(ISSUERS, { toleranceSeconds: 60, rememberedTokens: 0 });
    const token = tokenWith(undefined, {}, 'RS256');
    const verify = () => verifyNow(verifier, token, NOW);
    expect(proofsOf(() => [verify(), verify()])).toBe(2);
  });

  test('T07, but its times are looked at each time', async () => {
    const verifier = createTokenVerifier(ISSUERS, { toleranceSeconds: 60 });
    const token = tokenWith(claimsWith({ exp: NOW_SECONDS + 600, nbf: NOW_SECONDS }));
    const verdicts = [0, 659.999, 660, 601, -60, -60.001, 0].map((seconds) =>
      verdictOf(verifier, token, later(seconds)),
    );
    expect(await Promise.all(verdicts)).toEqual([
      'acme',
      'acme',
      'token-expired',
      'acme',
      'acme',
      'token-not-yet-valid',
      'acme',
    ]);
    expect(await verdictOf(verifier, token, new Date(Number.NaN))).toBe('token-expired');
  });

  test('by its exact text: with any letter changed it is another token', async () => {
    const verifier = createTokenVerifier(ISSUERS, { toleranceSeconds: 60 });
    const token = tokenWith(undefined, {}, 'ES256');
    verifyNow(verifier, token, NOW);
    for (let at = 0; at < token.length; at += 1) {
      const changed = `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`;
      expect(await verdictOf(verifier, changed, NOW)).toMatch(/^token-/);
    }
  });

  test('T15b, and whether it is revoked is asked at each use, by whatever of it', async () => {
    const revoked = new Set<unknown>();
    const verifier = createTokenVerifier(ISSUERS, {
      toleranceSeconds: 60,
      isRevoked: ({ tokenId, subject, name }) =>
        [tokenId, subject, name].some((id) => revoked.has(id)),
    });
    const token = tokenWith(claimsWith({ jti: 'one' }));
    const other = tokenWith(claimsWith({ jti: 'two' }));
    const verdicts = async () =>
      Promise.all([token, other].map((one) => verdictOf(verifier, one, NOW)));
    expect(await verdicts()).toEqual(['acme', 'acme']);
    revoked.add('one');
    expect(await verdicts()).toEqual(['token-revoked', 'acme']);
    revoked.clear();
    revoked.add('acme');
    expect(await verdicts()).toEqual(['token-revoked', 'token-revoked']);
    revoked.clear();
    expect(await verdicts()).toEqual(['acme', 'acme']);
  });
});

describe('what is remembered is bounded', () => {
  const proven = { tenant: {} as Tenant, issuer: {} as TrustedIssuer, generation: 0 };

  test('in number: the oldest is forgotten first', () => {
    const tokens = new ProvenTokens(3);
    for (const name of ['a', 'b', 'c', 'a', 'd']) tokens.keep(name, proven);
    expect(tokens.size).toBe(3);
    expect(['a', 'b', 'c', 'd'].map((name) => tokens.find(name) !== undefined)).toEqual([
      true,
      false,
      true,
      true,
    ]);
  });

  test('and in length', () => {
    const tokens = new ProvenTokens(100_000);
    for (let index = 0; index < 2000; index += 1) tokens.keep(`${index}`.padEnd(8192, 'x'), proven);
    expect(tokens.size).toBe(512);
  });
});

describe('T15c, refusals of a kind take the same work', () => {
  const verifier = createTokenVerifier(ISSUERS, { toleranceSeconds: 60 });
  test.each(['HS256', 'RS256', 'ES256'] as const)('%s', async (alg) => {
    const token = tokenWith(undefined, {}, alg);
    const refused = {
      'token-key-unknown': tokenWith(undefined, { kid: 'unknown' }, alg),
      'token-signature': `${token.slice(0, -20)}${token.slice(-20, -19) === 'A' ? 'B' : 'A'}${token.slice(-19)}`,
      'token-claims': tokenWith(claimsWith({ sub: 'nobody' }), {}, alg),
    };
    for (const [code, one] of Object.entries(refused)) {
      const proofs = proofsOf(() => {
        expect(() => verifyNow(verifier, one, NOW)).toThrowError(expect.objectContaining({ code }));
      });
      expect([code, proofs]).toEqual([code, 1]);
    }
  });
});
