import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hash,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { chmod, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigurationError } from '../errors.ts';
import { Secret } from '../secret.ts';
import { syncDirectory } from './segment.ts';

/** The private key that is made when none is given, and the public parts of all that were used. */
export const SIGNING_KEY_FILE = 'audit-signing.key';
export const PUBLIC_KEY_FILE = 'audit-signing.pub.pem';

/** An Ed25519 key that vouches for the journal; what it is made of does not leave this file. */
export interface SigningKey {
  /** Of its public part: see `keyIdOf`. */
  readonly id: string;
  /** The signature of a statement, in base64url. */
  sign(statement: string): string;
}

/** Public keys by their ids. */
export type PublicKeys = ReadonlyMap<string, KeyObject>;

const KEY_ID_DIGITS = 16;
const PEM_BLOCK = /-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g;

/** The first 16 hex digits of the SHA-256 of the public key in DER (SPKI). */
export function keyIdOf(publicKey: KeyObject): string {
  const der = publicKey.export({ type: 'spki', format: 'der' });
  return hash('sha256', der).slice(0, KEY_ID_DIGITS);
}

/**
 * Read a private key.
 * @throws ConfigurationError when it is no Ed25519 key in PEM; the message does not repeat it
 */
export function parseSigningKey(pem: Secret): SigningKey {
  const key = parsed(
    () => createPrivateKey(pem.reveal()),
    'the audit signing key is not a private key',
  );
  return {
    id: keyIdOf(createPublicKey(key)),
    sign: (statement) => sign(null, Buffer.from(statement), key).toString('base64url'),
  };
}

/**
 * Read the public keys of a file, one PEM block after another.
 * @throws ConfigurationError when there is none, or one of another kind
 */
export function parsePublicKeys(pem: string): PublicKeys {
  const keys = (pem.match(PEM_BLOCK) ?? []).map((block) =>
    parsed(() => createPublicKey(block), 'it is not a public key'),
  );
  if (keys.length === 0) throw notFit('there is no public key in it');
  return new Map(keys.map((key) => [keyIdOf(key), key]));
}

/** Why a signature does not vouch for a statement: null when it does. */
export function signatureProblem(
  statement: string,
  { keyId, signature }: { readonly keyId: string; readonly signature: string },
  keys: PublicKeys,
): string | null {
  const key = keys.get(keyId);
  if (key === undefined) return `signed with a key that is not known (${keyId})`;
  const bytes = Buffer.from(signature, 'base64url');
  // Unused bits of the last digit must be zero: one signature has one text.
  const isText = bytes.toString('base64url') === signature;
  const isGood = isText && verify(null, Buffer.from(statement), key, bytes);
  return isGood ? null : 'a signature that does not hold';
}

/**
 * The key that signs from now on: the one given, or the one in the directory, which is made when
 * the directory has never had one. Its public part is added to those beside it.
 * @throws ConfigurationError when it is not fit, or a key that was made here is no longer there
 */
export async function openSigningKey(directory: string, given?: Secret): Promise<SigningKey> {
  const publicFile = join(directory, PUBLIC_KEY_FILE);
  const known = await textOf(publicFile);
  const pem = given ?? (await ownKey(join(directory, SIGNING_KEY_FILE), known === null));
  const key = parseSigningKey(pem);
  if (known === null || !parsePublicKeys(known).has(key.id)) {
    const block = createPublicKey(pem.reveal()).export({ type: 'spki', format: 'pem' });
    await replaceFile(publicFile, `${known ?? ''}${block}`, 0o644);
    await syncDirectory(directory);
  }
  return key;
}

async function ownKey(file: string, isFirstStart: boolean): Promise<Secret> {
  const text = await textOf(file);
  if (text !== null) return new Secret(text);
  if (!isFirstStart) {
    throw notFit(
      `${file} is missing, though ${PUBLIC_KEY_FILE} is there; put it back, or a new one`,
    );
  }
  const { privateKey } = generateKeyPairSync('ed25519');
  const made = new Secret(String(privateKey.export({ type: 'pkcs8', format: 'pem' })));
  await replaceFile(file, made.reveal(), 0o600);
  return made;
}

async function textOf(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Never half a key: it is whole before it has its name. */
async function replaceFile(path: string, text: string, mode: number): Promise<void> {
  const unfinished = `${path}.unfinished`;
  const file = await open(unfinished, 'w', mode);
  try {
    await chmod(unfinished, mode);
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(unfinished, path);
}

function parsed(parse: () => KeyObject, problem: string): KeyObject {
  let key: KeyObject;
  try {
    key = parse();
  } catch {
    // Not the cause: what OpenSSL says of a private key is not for messages.
    throw notFit(`${problem} in PEM`);
  }
  if (key.asymmetricKeyType !== 'ed25519') throw notFit(`${problem} of Ed25519`);
  return key;
}

function notFit(problem: string): ConfigurationError {
  return new ConfigurationError('the audit journal’s signing key', [problem]);
}
