/** An issuer with a key for every algorithm, and its tokens: good, mixed up and badly signed. */
import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import {
  type IssuerKeySettings,
  type IssuerSettings,
  TOKEN_ALGORITHMS,
  type TokenAlgorithm,
} from '../../src/identity/issuer-settings.ts';
import { Secret } from '../../src/secret.ts';
import type { AttackToken } from './attack-token.ts';
import type { WitnessIssuer } from './strict-witness.ts';
import { AUDIENCE, base64url, claimsWith, ecPair, forge, RSA, type Signer } from './token-forge.ts';

export const EVERY = 'https://every.example/';

interface Material {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/** INVARIANT: all RSA algorithms have the same key, so that nothing but the binding parts them. */
const MATERIALS: Readonly<Record<string, Material>> = {
  RS: RSA,
  PS: RSA,
  ES256: ecPair('P-256'),
  ES384: ecPair('P-384'),
  ES512: ecPair('P-521'),
  EdDSA: generateKeyPairSync('ed25519'),
};

const secretOf = (algorithm: TokenAlgorithm) =>
  `${algorithm}-secret-of-sixty-four-bytes-and-some-more-0123456789-abcdefghijklmnop`;

const materialOf = (algorithm: TokenAlgorithm) =>
  MATERIALS[algorithm] ?? MATERIALS[algorithm.slice(0, 2)];

const kidOf = (algorithm: TokenAlgorithm) => `key-${algorithm}`;

/**
 * How an algorithm signs; with the material of another one's key where that is of its kind.
 * Source: RFC 7518, section 3; RFC 8037, section 3.1.
 */
export function signerOf(algorithm: TokenAlgorithm, owner = algorithm): Signer {
  const hash = algorithm === 'EdDSA' ? null : `sha${algorithm.slice(2)}`;
  if (algorithm.startsWith('HS')) {
    const secret = owner.startsWith('HS') ? secretOf(owner) : secretOf(algorithm);
    return (input) => createHmac(`${hash}`, secret).update(input).digest();
  }
  const own = materialOf(algorithm);
  const owners = materialOf(owner);
  const isFit = owners?.privateKey.asymmetricKeyType === own?.privateKey.asymmetricKeyType;
  const key = (isFit ? owners : own)?.privateKey;
  if (key === undefined) throw new Error(`${algorithm} has a key`);
  const padding = algorithm.startsWith('PS') ? { padding: 6, saltLength: -1 } : {};
  return (input) => sign(hash, Buffer.from(input), { key, dsaEncoding: 'ieee-p1363', ...padding });
}

function keySettings(algorithm: TokenAlgorithm): IssuerKeySettings {
  const jwk = materialOf(algorithm)?.publicKey.export({ format: 'jwk' });
  const secret = new Secret(secretOf(algorithm));
  return {
    kid: kidOf(algorithm),
    algorithm,
    material: jwk ? { kind: 'jwk', jwk } : { kind: 'secret', secret },
  };
}

export const EVERY_ISSUER: IssuerSettings = {
  issuer: EVERY,
  audiences: [AUDIENCE],
  tenantClaim: 'sub',
  tenants: ['acme'],
  isDevelopment: false,
  keys: TOKEN_ALGORITHMS.map(keySettings),
};

/** The same issuer, said again for the witness. */
export const EVERY_WITNESS: WitnessIssuer = {
  iss: EVERY,
  aud: [AUDIENCE],
  claim: 'sub',
  tenants: ['acme'],
  keys: TOKEN_ALGORITHMS.map((alg) => ({
    kid: kidOf(alg),
    alg,
    key: materialOf(alg)?.publicKey ?? secretOf(alg),
  })),
};

interface Named {
  readonly name: string;
  readonly token: string;
}

function tokenOf(header: object, signer: Signer, changes: object = {}): string {
  return forge({ header, payload: claimsWith({ iss: EVERY, ...changes }), signer });
}

export function goodTokens(): readonly Named[] {
  return TOKEN_ALGORITHMS.flatMap((alg) => [
    { name: `${alg}, by its kid`, token: tokenOf({ alg, kid: kidOf(alg) }, signerOf(alg)) },
    { name: `${alg}, without kid`, token: tokenOf({ alg }, signerOf(alg)) },
  ]);
}

/** T02: every key under every other algorithm's name, and signed in every other way. */
export function mixedUpTokens(): readonly AttackToken[] {
  const codes = ['token-algorithm', 'token-signature'];
  const pairs = TOKEN_ALGORITHMS.flatMap((own) =>
    TOKEN_ALGORITHMS.filter((other) => other !== own).map((other) => [own, other] as const),
  );
  return pairs.flatMap(([own, other]) => [
    {
      name: `the key for ${own}, named and used for ${other}`,
      token: tokenOf({ alg: other, kid: kidOf(own) }, signerOf(other, own)),
      codes,
    },
    {
      name: `the key for ${own}, used for ${other}`,
      token: tokenOf({ alg: own, kid: kidOf(own) }, signerOf(other, own)),
      codes,
    },
    {
      name: `no kid, ${own}, signed as ${other}`,
      token: tokenOf({ alg: own }, signerOf(other, own)),
      codes,
    },
  ]);
}

const ORDER_OF_ED25519 = 2n ** 252n + 27742317777372353535851937790883648493n;

/** The same signature with its scalar beyond the group's order. Source: RFC 8032, section 5.1.7. */
function beyondOrder(signature: Uint8Array): Buffer {
  const bytes = Buffer.from(signature);
  const scalar = BigInt(`0x${Buffer.from(bytes.subarray(32)).reverse().toString('hex')}`);
  const hex = (scalar + ORDER_OF_ED25519).toString(16).padStart(64, '0');
  return Buffer.concat([bytes.subarray(0, 32), Buffer.from(hex, 'hex').reverse()]);
}

const half = (bytes: Uint8Array, from: number, to: number) =>
  Buffer.from(bytes).subarray((bytes.length * from) / 2, (bytes.length * to) / 2);

const SPOILT: Readonly<Record<string, (signature: Uint8Array) => Uint8Array>> = {
  'cut by a byte': (bytes) => bytes.slice(0, -1),
  'a byte longer': (bytes) => Buffer.concat([bytes, Buffer.alloc(1)]),
  'a byte before': (bytes) => Buffer.concat([Buffer.alloc(1), bytes]),
  doubled: (bytes) => Buffer.concat([bytes, bytes]),
  'its first half': (bytes) => half(bytes, 0, 1),
  'its halves swapped': (bytes) => Buffer.concat([half(bytes, 1, 2), half(bytes, 0, 1)]),
  zeros: (bytes) => Buffer.alloc(bytes.length),
  ones: (bytes) => Buffer.alloc(bytes.length, 1),
  'all bits': (bytes) => Buffer.alloc(bytes.length, 0xff),
  none: () => Buffer.alloc(0),
  'as text': (bytes) => Buffer.from(base64url(bytes)),
  'its first bit': (bytes) => bytes.map((byte, at) => (at === 0 ? byte ^ 0x80 : byte)),
  'its last bit': (bytes) => bytes.map((byte, at) => (at === bytes.length - 1 ? byte ^ 1 : byte)),
};

/** Signatures that are nearly good, for every algorithm; and claims changed under a good one. */
export function spoiltTokens(): readonly AttackToken[] {
  const codes = ['token-signature'];
  const spoilt = TOKEN_ALGORITHMS.flatMap((alg) =>
    Object.entries(SPOILT).map(([how, spoil]) => ({
      name: `${alg}, signature: ${how}`,
      token: tokenOf({ alg, kid: kidOf(alg) }, (input) => spoil(signerOf(alg)(input))),
      codes,
    })),
  );
  const changed = TOKEN_ALGORITHMS.map((alg) => {
    const [header, , signature] = tokenOf({ alg, kid: kidOf(alg) }, signerOf(alg)).split('.');
    const payload = base64url(JSON.stringify(claimsWith({ iss: EVERY, admin: true })));
    return { name: `${alg}, other claims`, token: `${header}.${payload}.${signature}`, codes };
  });
  const beyond = tokenOf({ alg: 'EdDSA', kid: kidOf('EdDSA') }, (input) =>
    beyondOrder(signerOf('EdDSA')(input)),
  );
  return [...spoilt, ...changed, { name: 'EdDSA, beyond the order', token: beyond, codes }];
}
