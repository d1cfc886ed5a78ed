import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { CloudError } from '../cloud-errors.ts';
import { type MeasuredBytes, measuredBytes } from '../measured-bytes.ts';
import { CRC64_START, crc64, crc64Text } from './crc64.ts';
import type { ObjectStore } from './object-store.ts';
import type { StoredObject } from './stored-object.ts';

/** A content that is on disk, and no object's yet. */
export type ReceivedContent = Pick<
  StoredObject,
  'content' | 'bytes' | 'md5' | 'sha256' | 'crc64'
> & { readonly path: string };

/** Of one upload. Source: COS documentation, "PUT Object", limits. */
export const MAX_OBJECT_BYTES = 5 * 2 ** 30;

/**
 * Write bytes to a content file as they come.
 * @throws CloudError `EntityTooLarge`, `IncompleteBody`; nothing is left of it then
 */
export async function receiveContent(
  objects: ObjectStore,
  source: MeasuredBytes,
): Promise<ReceivedContent> {
  const { content, path } = objects.newContent();
  let crc = CRC64_START;
  let received = 0;
  async function* counted() {
    for await (const chunk of source.chunks()) {
      received += chunk.length;
      if (received > MAX_OBJECT_BYTES) throw new CloudError('EntityTooLarge');
      crc = crc64(crc, chunk);
      yield chunk;
    }
  }
  try {
    await pipeline(counted, createWriteStream(path, { flags: 'wx', flush: true }));
  } catch (error) {
    await objects.discard(content);
    throw error;
  }
  return { content, path, ...source.measure(), crc64: crc64Text(crc) };
}

/** Write a file's bytes to a content file. */
export function copyContent(objects: ObjectStore, path: string): Promise<ReceivedContent> {
  return receiveContent(objects, measuredBytes(createReadStream(path)));
}
