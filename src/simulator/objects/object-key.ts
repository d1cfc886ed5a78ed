import { CloudError } from '../cloud-errors.ts';

/** Source: COS documentation, object naming. */
const MAX_KEY_BYTES = 850;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The key that a decoded path names: all behind its first slash, as it stands. Dots and slashes
 * mean nothing in a key, so nothing in it is ever taken for a way through directories.
 * @param path a byte string
 * @throws CloudError `KeyTooLong`; `InvalidObjectName` for bytes that are not UTF-8 and for control
 * characters, which is our assumption
 */
export function objectKeyOf(path: string): string {
  const bytes = Buffer.from(path.slice(1), 'latin1');
  if (bytes.length > MAX_KEY_BYTES) throw new CloudError('KeyTooLong');
  try {
    const key = utf8.decode(bytes);
    if (key !== '' && !/\p{Cc}/u.test(key)) return key;
  } catch {
    // Not UTF-8.
  }
  throw new CloudError('InvalidObjectName');
}
