import { createHash, createHmac } from 'node:crypto';
import type { Secret } from '../../secret.ts';
import type { Pair } from '../canonical-form.ts';

export const TC3_ALGORITHM = 'TC3-HMAC-SHA256';

/** What a signing key is good for: one UTC date, like `2019-02-25`, and one service. */
export interface Tc3Scope {
  readonly date: string;
  readonly service: string;
}

/**
 * Source: API 3.0 documentation, "Signature v3", step 1: a POST to `/` without a query.
 * @param headers the signed ones in their order, names in lower case, values as byte strings
 */
export function tc3CanonicalRequest(headers: readonly Pair[], payload: Buffer): string {
  const lines = headers.map(([name, value]) => {
    const text = value.replace(/^[ \t]+|[ \t]+$/g, '');
    return `${name}:${name === 'x-tc-action' ? text.toLowerCase() : text}\n`;
  });
  const names = headers.map(([name]) => name).join(';');
  return ['POST', '/', '', lines.join(''), names, sha256(payload)].join('\n');
}

/**
 * Source: API 3.0 documentation, "Signature v3", step 2.
 * @param timestamp Unix seconds, as sent
 */
export function tc3StringToSign(
  timestamp: string,
  { date, service }: Tc3Scope,
  canonicalRequest: string,
): string {
  const digest = sha256(Buffer.from(canonicalRequest, 'latin1'));
  return [TC3_ALGORITHM, timestamp, `${date}/${service}/tc3_request`, digest].join('\n');
}

/** Source: API 3.0 documentation, "Signature v3", step 3: raw bytes between the steps. */
export function tc3SigningKey(secretKey: Secret, { date, service }: Tc3Scope): Buffer {
  const dateKey = hmac(`TC3${secretKey.reveal()}`, date).digest();
  return hmac(hmac(dateKey, service).digest(), 'tc3_request').digest();
}

/** Source: API 3.0 documentation, "Signature v3", step 3, the signature itself. */
export function tc3Signature(signingKey: Buffer, stringToSign: string): string {
  return hmac(signingKey, stringToSign).digest('hex');
}

function hmac(key: string | Buffer, text: string) {
  return createHmac('sha256', key).update(text);
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
