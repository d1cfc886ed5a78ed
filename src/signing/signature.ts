import { createHmac, hash } from 'node:crypto';
import type { Secret } from '../secret.ts';
import { type KeyTime, keyTimeText } from './key-time.ts';

/**
 * Derive the sign key for one key time: lower-case hex, used as text in the next step.
 * Source: COS documentation, "Request Signature", step 2.
 */
export function signKeyOf(secretKey: Secret, keyTime: KeyTime): string {
  return hmacSha1(secretKey.reveal(), keyTimeText(keyTime));
}

/**
 * Sign a canonical text: lower-case hex.
 * Source: COS documentation, "Request Signature", steps 6 and 7.
 */
export function signatureOf(signKey: string, keyTime: KeyTime, httpString: string): string {
  return hmacSha1(signKey, `sha1\n${keyTimeText(keyTime)}\n${hash('sha1', httpString)}\n`);
}

function hmacSha1(key: string, message: string): string {
  return createHmac('sha1', key).update(message).digest('hex');
}
