import type { KeyObject } from 'node:crypto';
import type { TokenAlgorithm } from './issuer-settings.ts';

/** What an algorithm demands of its key. */
export interface AlgorithmKind {
  /** A JWK's `kty`: `oct` is a secret; the others are public keys, as PEM or JWK. */
  readonly keyType: 'oct' | 'RSA' | 'EC' | 'OKP';
  /** A JWK's `crv`, for the types that have one. */
  readonly curve: string | null;
  /** What is wrong with a key of this type for this algorithm. */
  readonly weaknessOf: (key: KeyObject) => string | null;
}

const MAX_RSA_BITS = 8192;
const MAX_RSA_EXPONENT = 0xffff_ffffn;

const rsa: AlgorithmKind = { keyType: 'RSA', curve: null, weaknessOf: weaknessOfRsa };

/** Sources: RFC 7518, sections 3.2 to 3.5 (sizes of keys, curves); RFC 8037, section 3.1. */
export const ALGORITHM_KINDS: Readonly<Record<TokenAlgorithm, AlgorithmKind>> = {
  HS256: secretOf(32),
  HS384: secretOf(48),
  HS512: secretOf(64),
  RS256: rsa,
  RS384: rsa,
  RS512: rsa,
  PS256: rsa,
  PS384: rsa,
  PS512: rsa,
  ES256: curveOf('prime256v1', 'P-256'),
  ES384: curveOf('secp384r1', 'P-384'),
  ES512: curveOf('secp521r1', 'P-521'),
  EdDSA: { keyType: 'OKP', curve: 'Ed25519', weaknessOf: weaknessOfEdwards },
};

function secretOf(minBytes: number): AlgorithmKind {
  return {
    keyType: 'oct',
    curve: null,
    weaknessOf: ({ symmetricKeySize = 0 }) =>
      symmetricKeySize < minBytes ? `the secret is shorter than ${minBytes} bytes` : null,
  };
}

function curveOf(nodeName: string, curve: string): AlgorithmKind {
  return {
    keyType: 'EC',
    curve,
    weaknessOf: ({ asymmetricKeyDetails }) =>
      asymmetricKeyDetails?.namedCurve === nodeName ? null : `the key is not on ${curve}`,
  };
}

function weaknessOfRsa({ asymmetricKeyDetails }: KeyObject): string | null {
  const { modulusLength = 0, publicExponent = 0n } = asymmetricKeyDetails ?? {};
  if (modulusLength < 2048) return 'the RSA key is shorter than 2048 bits';
  // Its work grows with the square of the length, and whoever sends a token has us do it.
  if (modulusLength > MAX_RSA_BITS) return `the RSA key is longer than ${MAX_RSA_BITS} bits`;
  // With the exponent 1 a signature is the padded message itself: anyone can make it.
  if (publicExponent < 65_537n) return 'the RSA key’s exponent is below 65537';
  const isOdd = publicExponent % 2n === 1n;
  return isOdd && publicExponent <= MAX_RSA_EXPONENT ? null : 'the RSA key’s exponent is unusual';
}

/**
 * The points of small order, without the bit of the sign: under such a key one signature is good
 * for many messages, whoever made it.
 * Source: RFC 8032, section 5.1 (the curve); the points are those that 8 times gives the neutral.
 */
const SMALL_ORDER_POINTS: readonly string[] = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
];

function weaknessOfEdwards(key: KeyObject): string | null {
  const point = Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url');
  point[31] = (point[31] ?? 0) & 0x7f;
  const isSmall = SMALL_ORDER_POINTS.includes(point.toString('hex'));
  return isSmall ? 'the key is a point of small order' : null;
}
