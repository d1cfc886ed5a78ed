import { createHash, createHmac } from 'node:crypto';
import type { Secret } from '../secret.ts';

// Texts in this file are byte strings: one character per byte, as they were on the wire. What is
// not valid UTF-8 is then encoded and hashed like everything else.

/** A query parameter or a header, in byte strings. */
export type Pair = readonly [name: string, value: string];

/** What is signed of a request; `params` and `headers` are the covered ones, in any order. */
export interface SignedParts {
  readonly method: string;
  /** Decoded. */
  readonly path: string;
  readonly params: readonly Pair[];
  readonly headers: readonly Pair[];
}

const ENCODED: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  if (/[A-Za-z0-9\-_.~]/.test(character)) return character;
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
});

/** The UTF-8 bytes of a text as a byte string. */
export function bytesOf(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** A byte string read as UTF-8, for people. */
export function textOf(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** UrlEncode. Source: COS documentation, "Request Signature", preparations. */
export function urlEncode(bytes: string): string {
  let encoded = '';
  for (let at = 0; at < bytes.length; at += 1) encoded += ENCODED[bytes.charCodeAt(at)];
  return encoded;
}

/** The inverse of UrlEncode; null when a percent sign is not followed by two hex digits. */
export function urlDecode(encoded: string): string | null {
  if (/%(?![0-9A-Fa-f]{2})/.test(encoded)) return null;
  return encoded.replace(/%(..)/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** A name as it stands in the lists: encoded first, lower-cased then. */
export function canonicalName(name: string): string {
  return urlEncode(name).toLowerCase();
}

function canonicalPairs(pairs: readonly Pair[]): string {
  return pairs
    .map(([name, value]): Pair => [canonicalName(name), urlEncode(value)])
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

/** Source: COS documentation, "Request Signature", the step on HttpString. */
export function httpString({ method, path, params, headers }: SignedParts): string {
  const lines = [method.toLowerCase(), path, canonicalPairs(params), canonicalPairs(headers)];
  return lines.map((line) => `${line}\n`).join('');
}

/** Source: COS documentation, "Request Signature", the step on StringToSign. */
export function stringToSign(signTime: string, signedHttpString: string): string {
  const digest = createHash('sha1').update(signedHttpString, 'latin1').digest('hex');
  return `sha1\n${signTime}\n${digest}\n`;
}

/** Source: COS documentation, "Request Signature", the step on SignKey: hex text, not raw bytes. */
export function signKeyOf(secretKey: Secret, keyTime: string): string {
  return createHmac('sha1', secretKey.reveal()).update(keyTime).digest('hex');
}

/** Source: COS documentation, "Request Signature", the step on Signature. */
export function signatureOf(signKey: string, text: string): string {
  return createHmac('sha1', signKey).update(text).digest('hex');
}
