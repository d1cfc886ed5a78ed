import type { StoredObject } from './stored-object.ts';

/** Which part of a bucket to list. */
export interface Listing {
  readonly prefix: string;
  /** Empty for none. */
  readonly delimiter: string;
  /** Only what comes after it. */
  readonly marker: string;
  readonly maxKeys: number;
}

/** One page of a list; `maxKeys` bounds objects and common prefixes together. */
export interface ListedObjects {
  readonly objects: readonly StoredObject[];
  readonly commonPrefixes: readonly string[];
  /** The marker of the next page; null when this is the last. */
  readonly nextMarker: string | null;
}

/**
 * List objects: keys that have the delimiter behind the prefix are shown as one common prefix.
 * Source: COS documentation, "GET Bucket (List Objects)".
 * @param objects in the order of their keys' bytes
 */
export function listObjects(objects: readonly StoredObject[], listing: Listing): ListedObjects {
  const { prefix, maxKeys } = listing;
  const marker = Buffer.from(listing.marker);
  const page: StoredObject[] = [];
  const commonPrefixes: string[] = [];
  let last = '';
  for (const object of objects) {
    if (!object.key.startsWith(prefix)) continue;
    const entry = entryOf(object.key, listing);
    // All keys of a common prefix stand together, so the last one listed is the only one to know.
    if (entry === last || Buffer.compare(Buffer.from(entry), marker) <= 0) continue;
    if (page.length + commonPrefixes.length === maxKeys) {
      return { objects: page, commonPrefixes, nextMarker: last };
    }
    if (entry === object.key) page.push(object);
    else commonPrefixes.push(entry);
    last = entry;
  }
  return { objects: page, commonPrefixes, nextMarker: null };
}

function entryOf(key: string, { prefix, delimiter }: Listing): string {
  const at = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
  return at < 0 ? key : key.slice(0, at + delimiter.length);
}
