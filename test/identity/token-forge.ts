/** Three issuers, their keys, and the means to make any token at all, well or badly. */
import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { IssuerSettings } from '../../src/identity/issuer-settings.ts';
import { Secret } from '../../src/secret.ts';
import type { WitnessIssuer } from './strict-witness.ts';

export const NOW = new Date('2026-03-01T12:00:00Z');
export const NOW_SECONDS = NOW.getTime() / 1000;
export const TOLERANCE_SECONDS = 60;

export const SECRET = 'first-issuer-secret-0123456789-abcdefgh';
export const OTHER_SECRET = 'second-issuer-secret-9876543210-zyxwvut';
export const THIRD_SECRET = 'third-issuer-secret-5678901234-hgfedcba';
export const RSA = rsaPair();
export const OTHER_RSA = rsaPair();
/** The second issuer’s key with the name that the first issuer’s has. */
export const NAMESAKE_RSA = rsaPair();
export const EC = ecPair('P-256');
export const OTHER_EC = ecPair('P-256');
export const THIRD_EC = ecPair('P-256');

export const FIRST = 'https://first.example/';
export const SECOND = 'https://second.example/';
export const THIRD = 'third';
export const AUDIENCE = 'slimgate';

export function rsaPair(modulusLength = 2048): { publicKey: KeyObject; privateKey: KeyObject } {
  return generateKeyPairSync('rsa', { modulusLength });
}

export function ecPair(namedCurve: string): { publicKey: KeyObject; privateKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve });
}

export function pemOf(key: KeyObject): string {
  return key.export({ format: 'pem', type: 'spki' }).toString();
}

/** The first has one key for each algorithm, the second two for RS256, the third none with a kid. */
export const ISSUERS: readonly IssuerSettings[] = [
  {
    issuer: FIRST,
    audiences: [AUDIENCE, 'https://slimgate.example/'],
    tenantClaim: 'sub',
    tenants: ['acme', 'globex'],
    isDevelopment: true,
    keys: [
      {
        kid: 'hs-1',
        algorithm: 'HS256',
        material: { kind: 'secret', secret: new Secret(SECRET) },
      },
      { kid: 'rs-1', algorithm: 'RS256', material: { kind: 'pem', pem: pemOf(RSA.publicKey) } },
      {
        kid: 'es-1',
        algorithm: 'ES256',
        material: { kind: 'jwk', jwk: EC.publicKey.export({ format: 'jwk' }) },
      },
    ],
  },
  {
    issuer: SECOND,
    audiences: [AUDIENCE],
    tenantClaim: 'client_id',
    tenants: null,
    isDevelopment: false,
    keys: [
      {
        kid: 'hs-2',
        algorithm: 'HS256',
        material: { kind: 'secret', secret: new Secret(OTHER_SECRET) },
      },
      {
        kid: 'rs-2',
        algorithm: 'RS256',
        material: { kind: 'jwk', jwk: OTHER_RSA.publicKey.export({ format: 'jwk' }) },
      },
      {
        kid: 'rs-1',
        algorithm: 'RS256',
        material: { kind: 'pem', pem: pemOf(NAMESAKE_RSA.publicKey) },
      },
      {
        kid: 'es-2',
        algorithm: 'ES256',
        material: { kind: 'pem', pem: pemOf(OTHER_EC.publicKey) },
      },
    ],
  },
  {
    issuer: THIRD,
    audiences: [AUDIENCE],
    tenantClaim: 'https://third.example/tenant',
    tenants: ['initech'],
    isDevelopment: false,
    keys: [
      {
        kid: null,
        algorithm: 'HS256',
        material: { kind: 'secret', secret: new Secret(THIRD_SECRET) },
      },
      { kid: null, algorithm: 'ES256', material: { kind: 'pem', pem: pemOf(THIRD_EC.publicKey) } },
    ],
  },
];

/** The same issuers, said again for the witness. */
export const WITNESS_ISSUERS: readonly WitnessIssuer[] = [
  {
    iss: FIRST,
    aud: [AUDIENCE, 'https://slimgate.example/'],
    claim: 'sub',
    tenants: ['acme', 'globex'],
    keys: [
      { kid: 'hs-1', alg: 'HS256', key: SECRET },
      { kid: 'rs-1', alg: 'RS256', key: RSA.publicKey },
      { kid: 'es-1', alg: 'ES256', key: EC.publicKey },
    ],
  },
  {
    iss: SECOND,
    aud: [AUDIENCE],
    claim: 'client_id',
    tenants: null,
    keys: [
      { kid: 'hs-2', alg: 'HS256', key: OTHER_SECRET },
      { kid: 'rs-2', alg: 'RS256', key: OTHER_RSA.publicKey },
      { kid: 'rs-1', alg: 'RS256', key: NAMESAKE_RSA.publicKey },
      { kid: 'es-2', alg: 'ES256', key: OTHER_EC.publicKey },
    ],
  },
  {
    iss: THIRD,
    aud: [AUDIENCE],
    claim: 'https://third.example/tenant',
    tenants: ['initech'],
    keys: [
      { kid: null, alg: 'HS256', key: THIRD_SECRET },
      { kid: null, alg: 'ES256', key: THIRD_EC.publicKey },
    ],
  },
];

export type Signer = (signingInput: string) => Uint8Array;

/** A hash of another size makes the neighbours of an algorithm: HS512 and the like. */
export function hmacSigner(key: string | Uint8Array, hash = 'sha256'): Signer {
  return (input) => createHmac(hash, key).update(input).digest();
}

export function rsaSigner(key: KeyObject, hash = 'sha256'): Signer {
  return (input) => sign(hash, Buffer.from(input), key);
}

export function ecSigner(key: KeyObject, dsaEncoding: 'ieee-p1363' | 'der' = 'ieee-p1363'): Signer {
  return (input) => sign('sha256', Buffer.from(input), { key, dsaEncoding });
}

/** What signs as the first issuer does. */
export const SIGNERS = {
  HS256: { kid: 'hs-1', signer: hmacSigner(SECRET) },
  RS256: { kid: 'rs-1', signer: rsaSigner(RSA.privateKey) },
  ES256: { kid: 'es-1', signer: ecSigner(EC.privateKey) },
} as const;

export type SignedAlgorithm = keyof typeof SIGNERS;
export const SIGNED_ALGORITHMS: readonly SignedAlgorithm[] = ['HS256', 'RS256', 'ES256'];

export function base64url(content: string | Uint8Array): string {
  return Buffer.from(content).toString('base64url');
}

/** The claims of a good token of the first issuer, with some changed; undefined removes one. */
export function claimsWith(changes: Readonly<Record<string, unknown>> = {}): object {
  return {
    iss: FIRST,
    aud: AUDIENCE,
    sub: 'acme',
    exp: NOW_SECONDS + 600,
    iat: NOW_SECONDS - 10,
    jti: 'token-0001',
    ...changes,
  };
}

export interface Forgery {
  /** Parts are JSON values, or the exact text or bytes of them. */
  readonly header: object | string | Uint8Array;
  readonly payload?: object | string | Uint8Array;
  readonly signer?: Signer;
}

/** A token in compact form, signed by whoever is asked. */
export function forge({ header, payload = claimsWith(), signer }: Forgery): string {
  const input = `${base64url(contentOf(header))}.${base64url(contentOf(payload))}`;
  return `${input}.${signer ? base64url(signer(input)) : ''}`;
}

/** A token of the first issuer that is good but for what is given. */
export function tokenWith(
  payload: Forgery['payload'],
  header: Readonly<Record<string, unknown>> = {},
  algorithm: SignedAlgorithm = 'HS256',
): string {
  const { kid, signer } = SIGNERS[algorithm];
  const whole = { alg: algorithm, typ: 'JWT', kid, ...header };
  return forge({ header: whole, payload: payload ?? claimsWith(), signer });
}

function contentOf(part: object | string | Uint8Array): string | Uint8Array {
  return typeof part === 'string' || part instanceof Uint8Array ? part : JSON.stringify(part);
}
