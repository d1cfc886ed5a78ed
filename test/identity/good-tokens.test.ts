import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createTokenVerifier } from '../../src/identity/token-verifier.ts';
import { witness } from './strict-witness.ts';
import {
  AUDIENCE,
  claimsWith,
  EC,
  ecSigner,
  FIRST,
  type Forgery,
  forge,
  hmacSigner,
  ISSUERS,
  NAMESAKE_RSA,
  NOW,
  NOW_SECONDS,
  OTHER_EC,
  OTHER_RSA,
  OTHER_SECRET,
  RSA,
  rsaSigner,
  SECOND,
  SECRET,
  SIGNED_ALGORITHMS,
  SIGNERS,
  THIRD,
  THIRD_EC,
  THIRD_SECRET,
  TOLERANCE_SECONDS,
  tokenWith,
  WITNESS_ISSUERS,
} from './token-forge.ts';
import { verifyNow } from './verify-now.ts';

const clock = { nowSeconds: NOW_SECONDS, toleranceSeconds: TOLERANCE_SECONDS };
const verifier = createTokenVerifier(ISSUERS, clock);

function identityOf(token: string, now = NOW): unknown {
  const { name, subject, issuer, tokenId, expiresAt } = verifyNow(verifier, token, now);
  return { name, subject, issuer, tokenId, expiresAtMs: expiresAt.getTime() };
}

const second = claimsWith({ iss: SECOND, sub: 'Some User', client_id: 'umbrella' });
const third = claimsWith({ iss: THIRD, 'https://third.example/tenant': 'initech' });

const FORGERIES: readonly (Forgery & { name: string })[] = [
  ...SIGNED_ALGORITHMS.flatMap((alg) => {
    const { kid, signer } = SIGNERS[alg];
    return [
      undefined,
      'JWT',
      'jwt',
      'at+jwt',
      'AT+JWT',
      'application/at+jwt',
      'Application/JWT',
    ].flatMap((typ) => [
      { name: `${alg}, kid, typ ${typ}`, header: { alg, typ, kid }, signer },
      { name: `${alg}, no kid, typ ${typ}`, header: { alg, typ }, signer },
    ]);
  }),
  {
    name: 'HS256 of the second issuer, no kid',
    header: { alg: 'HS256' },
    payload: second,
    signer: hmacSigner(OTHER_SECRET),
  },
  {
    name: 'RS256 by JWK',
    header: { alg: 'RS256', kid: 'rs-2' },
    payload: second,
    signer: rsaSigner(OTHER_RSA.privateKey),
  },
  {
    name: 'RS256 by PEM, with the kid of another issuer’s key',
    header: { alg: 'RS256', kid: 'rs-1' },
    payload: second,
    signer: rsaSigner(NAMESAKE_RSA.privateKey),
  },
  {
    name: 'ES256 by PEM',
    header: { alg: 'ES256', kid: 'es-2' },
    payload: second,
    signer: ecSigner(OTHER_EC.privateKey),
  },
  {
    name: 'HS256 by a key without kid',
    header: { alg: 'HS256' },
    payload: third,
    signer: hmacSigner(THIRD_SECRET),
  },
  {
    name: 'ES256 by a key without kid',
    header: { alg: 'ES256' },
    payload: third,
    signer: ecSigner(THIRD_EC.privateKey),
  },
  {
    name: 'header members of no consequence',
    header: { alg: 'RS256', kid: 'rs-1', x5t: 'abc', 'x5t#S256': 'abc', nonce: 1, toString: {} },
    signer: rsaSigner(RSA.privateKey),
  },
  {
    name: 'blanks and escapes in the JSON',
    header: ' {"\\u0061lg" :\t"ES256"}\r\n',
    signer: ecSigner(EC.privateKey),
  },
];

const CLAIMS: Record<string, object | string> = {
  'several audiences': claimsWith({ aud: ['other', AUDIENCE] }),
  'the second audience': claimsWith({ aud: 'https://slimgate.example/' }),
  'another tenant': claimsWith({ sub: 'globex' }),
  'no jti, no iat': claimsWith({ jti: undefined, iat: undefined }),
  'the longest jti': claimsWith({ jti: '~'.repeat(256) }),
  'fractions of seconds': claimsWith({ exp: NOW_SECONDS + 0.25, nbf: NOW_SECONDS - 0.5 }),
  'the last second there is': claimsWith({ exp: 253_402_300_799 }),
  'exp as 4.1e9': JSON.stringify(claimsWith()).replace(/"exp":\d+/, '"exp":4.1e9'),
  'nbf and iat of zero': claimsWith({ nbf: 0, iat: 0 }),
  'sixteen levels': claimsWith({ x: JSON.parse(`${'['.repeat(15)}${']'.repeat(15)}`) }),
  'members named like prototypes': JSON.stringify(claimsWith()).replace(
    '{',
    '{"__proto__":{"sub":"globex","polluted":true},"constructor":{"prototype":{"polluted":true}},',
  ),
};

describe('a good token is accepted, and the witness sees the same identity', () => {
  const tokens = [
    ...FORGERIES.map(({ name, ...forgery }) => ({ name, token: forge(forgery) })),
    ...SIGNED_ALGORITHMS.flatMap((alg) =>
      Object.entries(CLAIMS).map(([name, claims]) => ({
        name: `${alg}, ${name}`,
        token: tokenWith(claims, {}, alg),
      })),
    ),
  ];
  test.each(tokens)('$name', ({ token }) => {
    const seen = witness(token, WITNESS_ISSUERS, clock);
    expect(seen).toBeTypeOf('object');
    expect(identityOf(token)).toEqual(seen);
  });
});

test('a token made by hand from RFC 7515 proves its tenant', () => {
  const header = Buffer.from('{"alg":"HS256"}').toString('base64url');
  const payload = Buffer.from(
    `{"iss":"${FIRST}","aud":"slimgate","sub":"acme","exp":${NOW_SECONDS + 1},"role":["a"]}`,
  ).toString('base64url');
  const tag = createHmac('sha256', SECRET).update(`${header}.${payload}`).digest('base64url');
  expect(verifier.verify(`${header}.${payload}.${tag}`, NOW)).toEqual({
    name: 'acme',
    subject: 'acme',
    issuer: FIRST,
    tokenId: null,
    expiresAt: new Date(NOW.getTime() + 1000),
    groups: [],
    claims: {
      iss: FIRST,
      aud: 'slimgate',
      sub: 'acme',
      exp: NOW_SECONDS + 1,
      role: ['a'],
    },
  });
});

describe('the tolerance is sixty seconds on both sides', () => {
  const edges = [
    { name: 'exp 59 s ago', claims: { exp: NOW_SECONDS - 59 }, code: null },
    { name: 'exp 60 s ago', claims: { exp: NOW_SECONDS - 60 }, code: 'token-expired' },
    { name: 'exp 61 s ago', claims: { exp: NOW_SECONDS - 61 }, code: 'token-expired' },
    { name: 'nbf in 59 s', claims: { nbf: NOW_SECONDS + 59 }, code: null },
    { name: 'nbf in 60 s', claims: { nbf: NOW_SECONDS + 60 }, code: null },
    { name: 'nbf in 61 s', claims: { nbf: NOW_SECONDS + 61 }, code: 'token-not-yet-valid' },
    { name: 'iat in 59 s', claims: { iat: NOW_SECONDS + 59 }, code: null },
    { name: 'iat in 60 s', claims: { iat: NOW_SECONDS + 60 }, code: null },
    { name: 'iat in 61 s', claims: { iat: NOW_SECONDS + 61 }, code: 'token-not-yet-valid' },
  ];
  test.each(edges)('$name', ({ claims, code }) => {
    const verify = () => identityOf(tokenWith(claimsWith(claims)));
    if (code === null) expect(verify()).toMatchObject({ name: 'acme' });
    else expect(verify).toThrowError(expect.objectContaining({ code }));
  });

  test('a token’s life follows the clock that is given, not the machine’s', () => {
    const token = tokenWith(claimsWith({ exp: NOW_SECONDS + 600, nbf: NOW_SECONDS }));
    const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);
    expect(identityOf(token, later(659.999))).toMatchObject({ name: 'acme' });
    expect(() => identityOf(token, later(660))).toThrowError(
      expect.objectContaining({ code: 'token-expired' }),
    );
    expect(() => identityOf(token, later(-61))).toThrowError(
      expect.objectContaining({ code: 'token-not-yet-valid' }),
    );
  });

  test('a clock that is not a time refuses every token', () => {
    const token = tokenWith(claimsWith({ exp: 253_402_300_799 }));
    expect(() => verifier.verify(token, new Date(Number.NaN))).toThrowError(
      expect.objectContaining({ code: 'token-expired' }),
    );
  });
});

describe('the claims that are handed on', () => {
  const { claims } = verifyNow(
    verifier,
    tokenWith(CLAIMS['members named like prototypes'] ?? '', {}, 'HS256'),
    NOW,
  );

  test('have only what the token states: prototype names are names', () => {
    expect(Object.hasOwn(claims, '__proto__')).toBe(true);
    expect([claims.toString, claims.valueOf, claims.polluted]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test('are frozen at every level', () => {
    const nested = verifyNow(verifier, tokenWith(claimsWith({ a: { b: [{}] } })), NOW).claims.a;
    const { b } = nested as { b: object[] };
    expect([claims, nested, b, b[0]].every((value) => Object.isFrozen(value))).toBe(true);
    expect(Object.getPrototypeOf(b[0])).toBeNull();
  });
});

test('a token of 8,192 characters is accepted and one of 8,193 is not', () => {
  const tokenOf = (header: string, pad: number) =>
    tokenWith(claimsWith({ x: 'x'.repeat(pad) }), { y: header });
  const lengths = new Map<number, string>();
  for (const header of ['', 'y', 'yy']) {
    for (let pad = 5900; pad < 6100; pad += 1) {
      const token = tokenOf(header, pad);
      lengths.set(token.length, token);
    }
  }
  expect(identityOf(lengths.get(8192) ?? '')).toMatchObject({ name: 'acme' });
  expect(() => identityOf(lengths.get(8193) ?? '')).toThrowError(
    expect.objectContaining({ code: 'token-malformed' }),
  );
});
