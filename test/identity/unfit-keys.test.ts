import { generateKeyPairSync, type JsonWebKey, type KeyObject } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { ConfigurationError } from '../../src/errors.ts';
import type {
  IssuerKeySettings,
  IssuerSettings,
  TokenAlgorithm,
} from '../../src/identity/issuer-settings.ts';
import { createTokenVerifier } from '../../src/identity/token-verifier.ts';
import { Secret } from '../../src/secret.ts';
import { keySetAt } from '../support/key-server.ts';
import { publicKeyTexts } from './key-attacks.ts';
import { EC, ecPair, ISSUERS, pemOf, RSA, rsaPair, SECRET } from './token-forge.ts';

const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBbzCCARWgAwIBAgIUCY775PgfCLpkzLNYqgyrLEj6+bcwCgYIKoZIzj0EAwIw
DDEKMAgGA1UEAwwBeDAgFw0yNjExMjIwODM1NTlaGA8yMTI2MTAyOTA4MzU1OVow
DDEKMAgGA1UEAwwBeDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABPWSYrjepBp6
PZ8gmdDJCUdAqLX6dj7t8rrcSB9Al824x51tNCwSW6Knv7PMUCXszKRNwN8yVhiE
tLqg4dsBVkijUzBRMB0GA1UdDgQWBBTxLRWb4NPBWEDAWGPOsqqi1I/loDAfBgNV
HSMEGDAWgBTxLRWb4NPBWEDAWGPOsqqi1I/loDAPBgNVHRMBAf8EBTADAQH/MAoG
CCqGSM49BAMCA0gAMEUCIDMOJxHwpstZQaUHLk5KJKauegBtJf48N/u9tXwpk4Ic
AiEAunN39Ld26WAWGkmL6/hXGHueP6I/HBC4gPD6vvmAGUo=
-----END CERTIFICATE-----
`;

const jwkOf = (key: KeyObject): JsonWebKey => key.export({ format: 'jwk' });
const rsaJwk = jwkOf(RSA.publicKey);
const ecJwk = jwkOf(EC.publicKey);
const privatePem = (type: 'pkcs1' | 'pkcs8' | 'sec1', key = RSA.privateKey) =>
  key.export({ format: 'pem', type }).toString();
const lockedPem = RSA.privateKey
  .export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'x' })
  .toString();

const secret = (text: string): IssuerKeySettings['material'] => ({
  kind: 'secret',
  secret: new Secret(text),
});
const pem = (text: string): IssuerKeySettings['material'] => ({ kind: 'pem', pem: text });
const jwk = (key: JsonWebKey): IssuerKeySettings['material'] => ({ kind: 'jwk', jwk: key });

function issuerWith(changes: Partial<IssuerSettings>): IssuerSettings {
  return {
    issuer: 'issuer',
    audiences: ['slimgate'],
    tenantClaim: 'sub',
    tenants: null,
    isDevelopment: false,
    keys: [{ kid: 'k', algorithm: 'HS256', material: secret(SECRET) }],
    ...changes,
  };
}

function problemsOf(...issuers: IssuerSettings[]): readonly string[] {
  try {
    createTokenVerifier(issuers, { toleranceSeconds: 60 });
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return (error as ConfigurationError).problems;
  }
  return [];
}

const keyProblems = (algorithm: TokenAlgorithm, material: IssuerKeySettings['material']) =>
  problemsOf(issuerWith({ keys: [{ kid: 'k', algorithm, material }] }));

const ones = (bytes: number) => Buffer.alloc(bytes, 0xff).toString('base64url');
const LONG_SECRET = 'a secret that is long enough for every hash there is, 0123456789-abc';

/** The encodings of the curve's points of order 1, 2, 4 and 8. */
const SMALL_ORDER = [
  `01${'00'.repeat(31)}`,
  `ec${'ff'.repeat(30)}7f`,
  '00'.repeat(32),
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
];
const withSign = (hex: string) =>
  hex.slice(0, 62) + (Number.parseInt(hex.slice(62), 16) | 0x80).toString(16);
const edwards = (hex: string) =>
  jwk({ kty: 'OKP', crv: 'Ed25519', x: Buffer.from(hex, 'hex').toString('base64url') });

type Row = readonly [string, TokenAlgorithm, IssuerKeySettings['material'], RegExp];

const UNFIT: readonly Row[] = [
  ['an empty secret', 'HS256', secret(''), /shorter than 32 bytes/],
  ['a secret of 31 bytes', 'HS256', secret(SECRET.slice(0, 31)), /shorter than 32 bytes/],
  ['one repeated byte', 'HS256', secret('a'.repeat(64)), /repeats itself/],
  ['one repeated word', 'HS256', secret('changeme'.repeat(8)), /repeats itself/],
  ['a certificate as secret', 'HS256', secret(CERTIFICATE), /public key/],
  ['a bare certificate as secret', 'HS256', secret(CERTIFICATE.replace(/-.*-/g, '')), /public key/],
  ['a public key for SSH as secret', 'HS256', secret(`ssh-rsa ${rsaJwk.n}`), /public key/],
  ['a PEM for HS256', 'HS256', pem(pemOf(RSA.publicKey)), /takes a secret/],
  ['a JWK for HS256', 'HS256', jwk({ kty: 'oct', k: 'eA' }), /takes a secret/],
  ['a secret for RS256', 'RS256', secret(SECRET), /takes a public key/],
  ['a secret for ES256', 'ES256', secret(SECRET), /takes a public key/],
  ['RSA of 1024 bits', 'RS256', pem(pemOf(rsaPair(1024).publicKey)), /shorter than 2048/],
  ['RSA of 2040 bits', 'RS256', jwk(jwkOf(rsaPair(2040).publicKey)), /shorter than 2048/],
  ['RSA of 8200 bits', 'RS512', jwk({ ...rsaJwk, n: ones(1025) }), /longer than 8192/],
  ['RSA with an even exponent', 'PS256', jwk({ ...rsaJwk, e: 'AQAC' }), /exponent is unusual/],
  ['RSA with a huge exponent', 'RS256', jwk({ ...rsaJwk, e: 'AQAAAAAB' }), /exponent is unusual/],
  ['RSA-PSS for PS256', 'PS256', pem(pemOf(pssKey())), /type RSA/],
  ['a secret of 47 bytes', 'HS384', secret(LONG_SECRET.slice(0, 47)), /shorter than 48 bytes/],
  ['a secret of 63 bytes', 'HS512', secret(LONG_SECRET.slice(0, 63)), /shorter than 64 bytes/],
  ['P-256 for ES384', 'ES384', jwk(ecJwk), /not on P-384/],
  ['P-384 for ES512', 'ES512', jwk(jwkOf(ecPair('P-384').publicKey)), /not on P-521/],
  ['EC for EdDSA', 'EdDSA', jwk(ecJwk), /type OKP/],
  ['Ed448', 'EdDSA', pem(pemOf(generateKeyPairSync('ed448').publicKey)), /type OKP/],
  ...[...SMALL_ORDER, ...SMALL_ORDER.map(withSign)].map(
    (point): Row => [`the point ${point}`, 'EdDSA', edwards(point), /small order/],
  ),
  ['RSA with the exponent 1', 'RS256', jwk({ ...rsaJwk, e: 'AQ' }), /exponent/],
  ['RSA with the exponent 3', 'RS256', jwk({ ...rsaJwk, e: 'Aw' }), /exponent/],
  ['EC for RS256', 'RS256', pem(pemOf(EC.publicKey)), /type RSA/],
  ['RSA for ES256', 'ES256', jwk(rsaJwk), /type EC/],
  ['RSA-PSS', 'RS256', pem(pemOf(pssKey())), /type RSA/],
  ['Ed25519', 'ES256', pem(pemOf(generateKeyPairSync('ed25519').publicKey)), /type EC/],
  ['P-384', 'ES256', jwk(jwkOf(ecPair('P-384').publicKey)), /not on P-256/],
  ['secp256k1', 'ES256', pem(pemOf(ecPair('secp256k1').publicKey)), /not on P-256/],
  ['a point off the curve', 'ES256', jwk({ ...ecJwk, y: ecJwk.x ?? '' }), /not a readable/],
  ['a private key, PKCS #8', 'RS256', pem(privatePem('pkcs8')), /private key/],
  ['a private key, PKCS #1', 'RS256', pem(privatePem('pkcs1')), /private key/],
  ['a private key, SEC 1', 'ES256', pem(privatePem('sec1', EC.privateKey)), /private key/],
  ['a private key with a passphrase', 'RS256', pem(lockedPem), /private key/],
  ['both halves', 'RS256', pem(pemOf(RSA.publicKey) + privatePem('pkcs8')), /private key/],
  ['a private RSA JWK', 'RS256', jwk(jwkOf(RSA.privateKey)), /private key/],
  ['a private EC JWK', 'ES256', jwk(jwkOf(EC.privateKey)), /private key/],
  ['two PEM blocks', 'RS256', pem(pemOf(RSA.publicKey).repeat(2)), /one PEM block/],
  ['a certificate', 'ES256', pem(CERTIFICATE), /one PEM block/],
  ['an empty PEM', 'RS256', pem(''), /one PEM block/],
  ['a PEM of nothing', 'RS256', pem(pemOf(RSA.publicKey).replace(/MIIB.*/, '')), /not a readable/],
  ['an empty JWK', 'RS256', jwk({}), /not a readable/],
  ['a JWK for encryption', 'RS256', jwk({ ...rsaJwk, use: 'enc' }), /`use`/],
  ['a JWK that only encrypts', 'RS256', jwk({ ...rsaJwk, key_ops: ['encrypt'] }), /`key_ops`/],
  ['a JWK with odd key_ops', 'RS256', jwk({ ...rsaJwk, key_ops: 'verify' }), /`key_ops`/],
  ['a JWK for RS512', 'RS256', jwk({ ...rsaJwk, alg: 'RS512' }), /`alg`/],
  ['a JWK for PS256', 'RS256', jwk({ ...rsaJwk, alg: 'PS256' }), /`alg`/],
  ['a JWK of another kid', 'ES256', jwk({ ...ecJwk, kid: 'other' }), /`kid`/],
];

function pssKey(): KeyObject {
  return generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).publicKey;
}

describe('a key that is not fit is refused at construction', () => {
  test.each(UNFIT)('%s', (_name, algorithm, material, expected) => {
    const problems = keyProblems(algorithm, material);
    expect(problems).toEqual([expect.stringMatching(expected)]);
    expect(problems[0]).toMatch(/^issuer `issuer`: key `k`: /);
  });

  const bare = /^(?:bare number|number in base64url|sha256)/;
  const texts = [RSA.publicKey, EC.publicKey].flatMap((key) =>
    Object.entries(publicKeyTexts(key)).filter(([form]) => !bare.test(form)),
  );
  test.each(texts)('a public key in the place of a secret: %s', (_form, text) => {
    if (typeof text !== 'string') return;
    expect(keyProblems('HS256', secret(text))).toEqual([expect.stringContaining('public key')]);
  });
});

test('fit keys in every form are taken', () => {
  const rows: readonly (readonly [TokenAlgorithm, IssuerKeySettings['material']])[] = [
    ['HS256', secret(SECRET.slice(0, 32))],
    ['HS256', secret('ключ'.repeat(3) + SECRET.slice(0, 8))],
    ['RS256', pem(RSA.publicKey.export({ format: 'pem', type: 'pkcs1' }).toString())],
    ['RS256', pem(`\n${pemOf(RSA.publicKey).replaceAll('\n', '\r\n')}\n`)],
    ['RS256', jwk({ ...rsaJwk, use: 'sig', alg: 'RS256', key_ops: ['verify'], kid: 'k' })],
    ['ES256', jwk({ ...ecJwk, ext: true })],
    ['HS512', secret(LONG_SECRET)],
    ['PS512', jwk({ ...rsaJwk, alg: 'PS512' })],
    ['EdDSA', pem(pemOf(generateKeyPairSync('ed25519').publicKey))],
  ];
  for (const [algorithm, material] of rows) expect(keyProblems(algorithm, material)).toEqual([]);
});

const withKeySet = ({ url = 'https://a.example/', ...changes }) =>
  issuerWith({ keys: [], keySet: keySetAt(url, changes) });
const discovering = (issuer: string) =>
  issuerWith({
    issuer,
    keys: [],
    keySet: keySetAt('', { place: { from: 'discovery', jwksUrl: null } }),
  });

describe('settings that contradict themselves are refused at construction', () => {
  const key = issuerWith({}).keys[0] as IssuerKeySettings;
  const rsa: IssuerKeySettings = { kid: 'r', algorithm: 'RS256', material: jwk(rsaJwk) };
  const rows: readonly (readonly [string, IssuerSettings[], RegExp])[] = [
    ['no issuer', [], /no issuer/],
    ['an issuer twice', [issuerWith({}), issuerWith({ keys: [rsa] })], /stands twice/],
    ['an issuer without a name', [issuerWith({ issuer: '' })], /name is empty/],
    ['an issuer with a line feed', [issuerWith({ issuer: 'a\nb' })], /name is empty/],
    ['no audience', [issuerWith({ audiences: [] })], /no audience/],
    ['an empty audience', [issuerWith({ audiences: [''] })], /name is empty/],
    ['no key', [issuerWith({ keys: [] })], /no key/],
    ['a kid twice', [issuerWith({ keys: [{ ...rsa, kid: 'k' }, key] })], /key `k` stands twice/],
    ['an empty kid', [issuerWith({ keys: [{ ...key, kid: '' }] })], /name is empty/],
    ['a long kid', [issuerWith({ keys: [{ ...key, kid: 'k'.repeat(257) }] })], /too long/],
    [
      'a key without kid beside another',
      [issuerWith({ keys: [{ ...rsa, kid: null }, rsa] })],
      /several RS256 keys/,
    ],
    ['a claim of its own meaning', [issuerWith({ tenantClaim: 'exp' })], /cannot name a tenant/],
    ['no tenant claim', [issuerWith({ tenantClaim: '' })], /name is empty/],
    ['a tenant in the wrong case', [issuerWith({ tenants: ['Acme'] })], /`Acme` is not a tenant/],
    ['a tenant with a wildcard', [issuerWith({ tenants: ['acme*'] })], /is not a tenant/],
    ['both keys and a key set', [issuerWith({ keySet: keySetAt('https://a/') })], /both keys/],
    ['keys over http', [withKeySet({ url: 'http://a.example/' })], /`http:.*` must be https/],
    ['keys from a file’s URL', [withKeySet({ url: 'file:///etc/passwd' })], /must be https/],
    ['keys from nowhere', [withKeySet({ url: 'keys' })], /is not a URL/],
    ['keys by a password', [withKeySet({ url: 'https://a:b@c/' })], /must not have a user/],
    ['published secrets', [withKeySet({ algorithms: ['HS256'] })], /they are secrets/],
    ['no algorithm', [withKeySet({ algorithms: [] })], /no algorithm/],
    ['discovery without https', [discovering('http://a.example')], /must be https/],
    ['discovery without a URL', [discovering('a.example')], /is not a URL/],
    ['a mapped tenant', [issuerWith({ tenantsBySubject: { x: 'Acme' } })], /`Acme` is not/],
    ['an odd subject', [issuerWith({ tenantsBySubject: { 'a\nb': 'acme' } })], /a subject is/],
    ['groups of times', [issuerWith({ groupsClaim: 'exp' })], /`exp` cannot name/],
    ['no age', [issuerWith({ maxAgeSeconds: 0 })], /maxAgeSeconds/],
    ['a tolerance of its own', [issuerWith({ toleranceSeconds: 301 })], /toleranceSeconds/],
    ['one secret of two issuers', [issuerWith({}), issuerWith({ issuer: 'b' })], /same secret/],
  ];
  test.each(rows)('%s', (_name, issuers, expected) => {
    expect(problemsOf(...issuers)).toEqual([expect.stringMatching(expected)]);
  });

  test.each([-1, 301, Number.NaN, Number.POSITIVE_INFINITY])('a tolerance of %d seconds', (s) => {
    expect(() => createTokenVerifier(ISSUERS, { toleranceSeconds: s })).toThrow(ConfigurationError);
  });
});

test('every problem is listed at once, and none shows a key', () => {
  const weak = 'weak-but-secret';
  const problems = problemsOf(
    issuerWith({
      audiences: [],
      keys: [
        { kid: 'a', algorithm: 'HS256', material: secret(weak) },
        { kid: 'a', algorithm: 'RS256', material: pem(privatePem('pkcs8')) },
        { kid: null, algorithm: 'ES256', material: jwk(jwkOf(ecPair('P-384').publicKey)) },
      ],
    }),
    issuerWith({ issuer: 'second', tenantClaim: 'jti' }),
  );
  expect(problems).toEqual([
    'issuer `issuer`: it has no audience',
    'issuer `issuer`: key `a` stands twice',
    'issuer `issuer`: key `a`: the secret is shorter than 32 bytes',
    'issuer `issuer`: key `a`: it is a private key: give its public half',
    'issuer `issuer`: key without `kid` (ES256): the key is not on P-256',
    'issuer `second`: `jti` cannot name a tenant',
  ]);
});
