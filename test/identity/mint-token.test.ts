import { describe, expect, test } from 'vitest';
import { ConfigurationError, GatewayError } from '../../src/errors.ts';
import type { IssuerSettings } from '../../src/identity/issuer-settings.ts';
import { type MintRequest, mintToken } from '../../src/identity/mint-token.ts';
import { createTokenVerifier } from '../../src/identity/token-verifier.ts';
import { Secret } from '../../src/secret.ts';
import { witness } from './strict-witness.ts';
import { FIRST, ISSUERS, NOW, NOW_SECONDS, SECRET, WITNESS_ISSUERS } from './token-forge.ts';
import { verifyNow } from './verify-now.ts';

const [first, second, third] = ISSUERS as [IssuerSettings, IssuerSettings, IssuerSettings];
const request: MintRequest = {
  tenant: 'acme',
  lifetimeSeconds: 600,
  now: NOW,
  tokenId: 'minted-1',
};
const verifier = createTokenVerifier(ISSUERS, { toleranceSeconds: 60 });

test('a minted token proves the tenant that it was minted for, to the witness too', () => {
  const token = mintToken(first, request);
  const expiresAtMs = NOW.getTime() + 600_000;
  expect(verifier.verify(token, NOW)).toMatchObject({
    name: 'acme',
    issuer: FIRST,
    tokenId: 'minted-1',
    expiresAt: new Date(expiresAtMs),
    claims: { aud: 'slimgate', iat: NOW_SECONDS, exp: NOW_SECONDS + 600 },
  });
  expect(
    witness(token, WITNESS_ISSUERS, { nowSeconds: NOW_SECONDS, toleranceSeconds: 0 }),
  ).toMatchObject({ name: 'acme', subject: 'acme', tokenId: 'minted-1', expiresAtMs });
});

test('the audience can be any of the issuer’s', () => {
  const audience = 'https://slimgate.example/';
  const token = mintToken(first, { ...request, audience });
  expect(verifyNow(verifier, token, NOW).claims.aud).toBe(audience);
});

test('the tenant is named by the issuer’s own claim, with a key that needs no kid', () => {
  const token = mintToken({ ...third, isDevelopment: true }, { ...request, tenant: 'initech' });
  expect(verifier.verify(token, NOW)).toMatchObject({ name: 'initech', tokenId: 'minted-1' });
});

describe('nothing is minted', () => {
  const keys = first.keys.filter(({ algorithm }) => algorithm !== 'HS256');
  const weak = { kind: 'secret', secret: new Secret(SECRET.slice(0, 31)) } as const;
  const issuers: readonly (readonly [string, IssuerSettings])[] = [
    ['for an issuer that is not for development', second],
    ['without a secret', { ...first, keys }],
    [
      'with a weak secret',
      { ...first, keys: [{ kid: 'k', algorithm: 'HS256', material: weak }, ...keys] },
    ],
    ['without an audience', { ...first, audiences: [] }],
  ];
  test.each(issuers)('%s', (_, issuer) => {
    expect(() => mintToken(issuer, request)).toThrow(ConfigurationError);
  });

  const requests: readonly (readonly [string, Partial<MintRequest>, string])[] = [
    ['for another issuer’s tenant', { tenant: 'initech' }, 'token-claims'],
    ['for a name that is none', { tenant: 'Acme' }, 'token-claims'],
    ['for another audience', { audience: 'other' }, 'token-audience'],
    ['without a token id', { tokenId: '' }, 'token-claims'],
    ['for no time', { lifetimeSeconds: 0 }, 'token-expired'],
    ['for a time past', { lifetimeSeconds: -1 }, 'token-expired'],
    ['for a time without end', { lifetimeSeconds: Number.POSITIVE_INFINITY }, 'token-claims'],
    ['for a time that is none', { lifetimeSeconds: Number.NaN }, 'token-claims'],
  ];
  test.each(requests)('%s', (_, changes, code) => {
    const mint = () => mintToken(first, { ...request, ...changes });
    expect(mint).toThrow(GatewayError);
    expect(mint).toThrowError(expect.objectContaining({ code }));
  });
});
