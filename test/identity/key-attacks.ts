/** Tokens that use a key in a way it is not made for; numbers as in the threat model. */
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { AttackToken } from './attack-token.ts';
import {
  base64url,
  EC,
  ecPair,
  ecSigner,
  forge,
  hmacSigner,
  OTHER_EC,
  OTHER_RSA,
  OTHER_SECRET,
  pemOf,
  RSA,
  rsaPair,
  rsaSigner,
  SECRET,
  SIGNED_ALGORITHMS,
  SIGNERS,
  type Signer,
} from './token-forge.ts';

const SIGNATURE = ['token-signature'];
const ALGORITHM = ['token-algorithm'];
/** The one algorithm of each key. */
const BOUND: Record<string, string> = { 'hs-1': 'HS256', 'rs-1': 'RS256', 'es-1': 'ES256' };

/** Every form in which somebody could take a public key for a secret. */
export function publicKeyTexts(key: KeyObject): Record<string, string | Buffer> {
  const spki = key.export({ format: 'der', type: 'spki' });
  const jwk = key.export({ format: 'jwk' });
  const pem = pemOf(key);
  const { kty, n, e, crv, x, y } = jwk;
  const isRsa = kty === 'RSA';
  const pkcs1 = isRsa ? key.export({ format: 'der', type: 'pkcs1' }) : spki;
  return {
    pem,
    'pem without its last line feed': pem.trimEnd(),
    'pem with CRLF': pem.replaceAll('\n', '\r\n'),
    'pem in one line': pem.replaceAll('\n', ''),
    'pkcs1 pem': isRsa ? key.export({ format: 'pem', type: 'pkcs1' }).toString() : `${pem}\n`,
    'spki der': spki,
    'spki base64': spki.toString('base64'),
    'spki base64url': spki.toString('base64url'),
    'spki hex': spki.toString('hex'),
    'pkcs1 der': pkcs1,
    'pkcs1 base64': pkcs1.toString('base64'),
    jwk: JSON.stringify(jwk),
    'jwk thumbprint input': JSON.stringify(isRsa ? { e, kty, n } : { crv, kty, x, y }),
    'bare number': Buffer.from(isRsa ? `${n}` : `${x}`, 'base64url'),
    'number in base64url': isRsa ? `${n}` : `${x}${y}`,
    'sha256 of the pem': createHash('sha256').update(pem).digest(),
  };
}

/** T02: a key used in a way that it is not made for. */
export function confusionAttacks(): AttackToken[] {
  const publicKeys = { RSA: RSA.publicKey, EC: EC.publicKey };
  const asSecret = Object.entries(publicKeys).flatMap(([type, key]) =>
    Object.entries(publicKeyTexts(key)).flatMap(([form, secret]) =>
      [{ kid: 'rs-1' }, { kid: 'es-1' }, { kid: 'hs-1' }, {}].map((kid) => ({
        name: `${type} key as HMAC secret: ${form}, ${kid.kid ?? 'no kid'}`,
        token: forge({ header: { alg: 'HS256', ...kid }, signer: hmacSigner(secret) }),
        codes: ['rs-1', 'es-1'].includes(kid.kid ?? '') ? ALGORITHM : SIGNATURE,
      })),
    ),
  );
  return [...asSecret, ...mixUps(), ...badSignatures()];
}

function mixUps(): AttackToken[] {
  const p384 = ecPair('P-384').privateKey;
  const ed25519 = generateKeyPairSync('ed25519').privateKey;
  const pss: Signer = (input) =>
    sign('sha256', Buffer.from(input), { key: RSA.privateKey, padding: 6, saltLength: 32 });
  const rows: readonly [string, string, string, Signer][] = [
    ['PS256 named RS256', 'RS256', 'rs-1', pss],
    ['PS256', 'PS256', 'rs-1', pss],
    ['RS512 named RS256', 'RS256', 'rs-1', rsaSigner(RSA.privateKey, 'sha512')],
    ['RS256 named PS256', 'PS256', 'rs-1', rsaSigner(RSA.privateKey)],
    ['RS256 under the EC key', 'RS256', 'es-1', rsaSigner(RSA.privateKey)],
    ['RS256 under the secret', 'RS256', 'hs-1', rsaSigner(RSA.privateKey)],
    ['ES256 under the RSA key', 'ES256', 'rs-1', ecSigner(EC.privateKey)],
    ['ES256 as DER', 'ES256', 'es-1', ecSigner(EC.privateKey, 'der')],
    ['ES256 by P-384', 'ES256', 'es-1', ecSigner(p384)],
    ['EdDSA named ES256', 'ES256', 'es-1', (input) => sign(null, Buffer.from(input), ed25519)],
    ['HS512 named HS256', 'HS256', 'hs-1', hmacSigner(SECRET, 'sha512')],
    ['HS256 named RS256', 'RS256', 'rs-1', hmacSigner(SECRET)],
    ['HS256 named ES256', 'ES256', 'es-1', hmacSigner(SECRET)],
  ];
  return rows.map(([name, alg, kid, signer]) => ({
    name,
    token: forge({ header: { alg, kid }, signer }),
    codes: BOUND[kid] === alg ? SIGNATURE : ALGORITHM,
  }));
}

function badSignatures(): AttackToken[] {
  const rsa = SIGNERS.RS256.signer;
  const ec = SIGNERS.ES256.signer;
  const hmac = SIGNERS.HS256.signer;
  const bytes = (...parts: (number | Uint8Array)[]) =>
    Buffer.concat(parts.map((part) => (typeof part === 'number' ? Buffer.alloc(part) : part)));
  const one = Buffer.from('01'.padStart(64, '0'), 'hex');
  const order = Buffer.from(
    'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551',
    'hex',
  );
  const rows: readonly [string, keyof typeof SIGNERS, Signer | undefined][] = [
    ...SIGNED_ALGORITHMS.flatMap((alg): [string, typeof alg, Signer | undefined][] => [
      ['no signature', alg, undefined],
      ['an empty secret', alg, hmacSigner('')],
      ['a text', alg, () => Buffer.from('signature')],
      ['zeros', alg, () => Buffer.alloc({ HS256: 32, RS256: 256, ES256: 64 }[alg])],
      ['a byte less', alg, (input) => SIGNERS[alg].signer(input).slice(0, -1)],
      ['a byte more', alg, (input) => bytes(SIGNERS[alg].signer(input), 1)],
      ['a byte before', alg, (input) => bytes(1, SIGNERS[alg].signer(input))],
      ['of the payload alone', alg, (input) => SIGNERS[alg].signer(input.split('.')[1] ?? '')],
      ['of another token', alg, () => SIGNERS[alg].signer('e30.e30')],
      ['in base64url twice', alg, (input) => Buffer.from(base64url(SIGNERS[alg].signer(input)))],
    ]),
    ['half a secret', 'HS256', hmacSigner(SECRET.slice(0, 16))],
    ['another issuer’s secret', 'HS256', hmacSigner(OTHER_SECRET)],
    ['another RSA key', 'RS256', rsaSigner(OTHER_RSA.privateKey)],
    ['a fresh RSA key', 'RS256', rsaSigner(rsaPair().privateKey)],
    ['another EC key', 'ES256', ecSigner(OTHER_EC.privateKey)],
    ['r and s of one', 'ES256', () => bytes(one, one)],
    ['r and s of the order', 'ES256', () => bytes(order, order)],
    ['r alone', 'ES256', (input) => bytes(ec(input).slice(0, 32), 32)],
    ['s alone', 'ES256', (input) => bytes(32, ec(input).slice(32))],
    ['r and s swapped', 'ES256', (input) => bytes(ec(input).slice(32), ec(input).slice(0, 32))],
    ['an HMAC first', 'RS256', (input) => bytes(hmac(input), rsa(input))],
  ];
  return rows.map(([name, alg, signer]) => ({
    name: `${alg}, signature: ${name}`,
    token: forge({ header: { alg, kid: SIGNERS[alg].kid }, ...(signer && { signer }) }),
    codes: SIGNATURE,
  }));
}
