import {
  createPublicKey,
  createSecretKey,
  type JsonWebKey,
  type KeyObject,
  X509Certificate,
} from 'node:crypto';
import { ALGORITHM_KINDS } from './algorithm-kinds.ts';
import type { IssuerKeySettings, TokenAlgorithm } from './issuer-settings.ts';

/** A key in memory, fit for the one algorithm that it is bound to. */
export interface VerificationKey {
  readonly kid: string | null;
  readonly algorithm: TokenAlgorithm;
  readonly key: KeyObject;
}

/** Node’s names for the values of a JWK’s `kty`. */
const NODE_KEY_TYPES = { oct: undefined, RSA: 'rsa', EC: 'ec', OKP: 'ed25519' } as const;

const ONE_PUBLIC_PEM =
  /^\s*-----BEGIN ((?:RSA )?PUBLIC KEY)-----[A-Za-z0-9+/=\s]+-----END \1-----\s*$/;
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'] as const;
const IS_PRIVATE = 'it is a private key: give its public half';
const IS_UNREADABLE = 'it is not a readable public key';

/**
 * Make the key that the settings describe.
 * @returns the key, or what is wrong with it: a text with nothing of the key in it
 */
export function makeKey(settings: IssuerKeySettings): KeyObject | string {
  const { keyType, weaknessOf } = ALGORITHM_KINDS[settings.algorithm];
  if ((settings.material.kind === 'secret') !== (keyType === 'oct')) {
    return `${settings.algorithm} takes ${keyType === 'oct' ? 'a secret' : 'a public key'}`;
  }
  const key = openMaterial(settings);
  if (typeof key === 'string') return key;
  if (key.asymmetricKeyType !== NODE_KEY_TYPES[keyType]) {
    return `${settings.algorithm} takes a key of type ${keyType}`;
  }
  return weaknessOf(key) ?? key;
}

function openMaterial(settings: IssuerKeySettings): KeyObject | string {
  const { material } = settings;
  switch (material.kind) {
    case 'secret':
      return openSecret(material.secret.reveal());
    case 'pem':
      return openPem(material.pem);
    case 'jwk':
      return contradictionOf(material.jwk, settings) ?? openJwk(material.jwk);
  }
}

function openSecret(text: string): KeyObject | string {
  if (isPublicKeyText(text)) return 'the secret is the text of a public key, which is no secret';
  // A text that repeats itself stands in its double before the second half.
  if (`${text}${text}`.indexOf(text, 1) < text.length) return 'the secret repeats itself';
  return createSecretKey(text, 'utf8');
}

function openPem(pem: string): KeyObject | string {
  // INVARIANT: looked for first, because Node makes a public key of a private one without a word.
  if (pem.includes('PRIVATE KEY-----')) return IS_PRIVATE;
  if (!ONE_PUBLIC_PEM.test(pem)) return 'it must be one PEM block with a public key';
  return attempt(() => createPublicKey(pem)) ?? IS_UNREADABLE;
}

function openJwk(jwk: JsonWebKey): KeyObject | string {
  if (PRIVATE_MEMBERS.some((name) => jwk[name] !== undefined)) return IS_PRIVATE;
  return attempt(() => createPublicKey({ key: jwk, format: 'jwk' })) ?? IS_UNREADABLE;
}

/** Source: RFC 7517, sections 4.2 to 4.5. */
function contradictionOf(jwk: JsonWebKey, { algorithm, kid }: IssuerKeySettings): string | null {
  const { alg, use, key_ops: operations, kid: ownKid } = jwk;
  if (alg !== undefined && alg !== algorithm) return `its \`alg\` is not ${algorithm}`;
  if (use !== undefined && use !== 'sig') return 'its `use` is not `sig`';
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) {
    return 'its `key_ops` do not have `verify`';
  }
  return ownKid !== undefined && ownKid !== kid ? 'its `kid` is another' : null;
}

/** Whether a secret is a public key in any usual form: as PEM, JWK, for SSH, or as DER in text. */
function isPublicKeyText(text: string): boolean {
  if (/-----BEGIN |"kty"|^\s*(?:ssh|ecdsa)-/.test(text)) return true;
  return (['base64', 'hex'] as const).some((encoding) => isPublicDer(Buffer.from(text, encoding)));
}

function isPublicDer(der: Buffer): boolean {
  const open = [
    () => createPublicKey({ key: der, format: 'der', type: 'spki' }),
    () => createPublicKey({ key: der, format: 'der', type: 'pkcs1' }),
    () => new X509Certificate(der),
  ];
  return open.some((form) => attempt<unknown>(form) !== null);
}

function attempt<T>(make: () => T): T | null {
  try {
    return make();
  } catch {
    return null;
  }
}
