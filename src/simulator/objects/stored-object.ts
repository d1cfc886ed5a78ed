import { z } from 'zod';

/** An object as it is kept; its content is in a file of its own. */
export const storedObjectSchema = z.strictObject({
  bucket: z.string(),
  region: z.string(),
  key: z.string(),
  /** The name of the file with the content. */
  content: z.uuid(),
  bytes: z.int().min(0),
  /** In hex. */
  md5: z.string().length(32),
  /** In hex. */
  sha256: z.string().length(64),
  /** In decimal. */
  crc64: z.string(),
  lastModified: z.iso.datetime(),
  /** Those of the upload that come back with each download, in lower case; byte strings. */
  headers: z.record(z.string(), z.string()),
});

export type StoredObject = z.output<typeof storedObjectSchema>;

/** Where an object is or will be. */
export type ObjectPlace = Pick<StoredObject, 'bucket' | 'region' | 'key'>;

/** The ETag of an object that was uploaded as one. Source: COS documentation, "PUT Object". */
export function etagOf({ md5 }: Pick<StoredObject, 'md5'>): string {
  return `"${md5}"`;
}
