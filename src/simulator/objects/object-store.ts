import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigurationError } from '../../errors.ts';
import { parseStrictJson } from '../../strict-json.ts';
import { replaceFile, syncDirectory } from '../replace-file.ts';
import { type ContentFiles, contentFiles } from './content-files.ts';
import { objectIndex } from './object-index.ts';
import { type ObjectPlace, type StoredObject, storedObjectSchema } from './stored-object.ts';

/** An object, and its content for as long as somebody reads it. */
export interface ObjectLease {
  readonly object: StoredObject;
  readonly path: string;
  /** From then on the file may be gone. */
  readonly release: () => void;
}

/** Objects of all buckets: found in memory, kept as one record and one content file each. */
export interface ObjectStore {
  get(place: ObjectPlace): StoredObject | undefined;
  /** What is replaced or removed can be read to its end by those who have begun. */
  lease(place: ObjectPlace): ObjectLease | undefined;
  /** A new name for a content, and where to write it. */
  newContent(): { readonly content: string; readonly path: string };
  /** Remove a content that has become no object's. */
  discard(content: string): Promise<void>;
  /** Put an object in its place. Resolves when it is on disk, and is visible from then on. */
  put(object: StoredObject): Promise<void>;
  /** Resolves when it is gone, or wasn't there. */
  remove(place: ObjectPlace): Promise<void>;
  /** The objects of a bucket in the order of their keys' bytes. */
  list(bucket: Omit<ObjectPlace, 'key'>): readonly StoredObject[];
  /** Resolves when nothing is being written any more. */
  settled(): Promise<void>;
}

/**
 * Load the objects kept in a directory, which is made when it isn't there; what a crash left
 * unfinished is removed. For one simulator at a time.
 * @throws ConfigurationError when a record holds something else, or a content is missing
 */
export async function openObjectStore(directory: string): Promise<ObjectStore> {
  const records = join(directory, 'records');
  await mkdir(records, { recursive: true });
  const index = objectIndex(await readRecords(records));
  const contents = await contentFiles(join(directory, 'contents'), index.contents());
  // One at a time: what is visible in memory and what is kept change in the same order.
  let last: Promise<void> = Promise.resolve();
  const inTurn = (change: () => Promise<void>) => {
    const changed = last.then(change);
    last = changed.catch(() => undefined);
    return changed;
  };
  return {
    get: index.get,
    lease: (place) => leaseOf(index.get(place), contents),
    newContent() {
      const content = randomUUID();
      return { content, path: contents.pathOf(content) };
    },
    discard: (content) => contents.remove(content),
    put: (object) =>
      inTurn(async () => {
        await contents.sync();
        await replaceFile(records, recordName(object), JSON.stringify(object));
        const replaced = index.put(object);
        if (replaced !== undefined) await contents.remove(replaced.content);
      }),
    remove: (place) =>
      inTurn(async () => {
        await rm(join(records, recordName(place)), { force: true });
        await syncDirectory(records);
        const removed = index.remove(place);
        if (removed !== undefined) await contents.remove(removed.content);
      }),
    list: index.list,
    settled: () => last,
  };
}

function leaseOf(
  object: StoredObject | undefined,
  contents: ContentFiles,
): ObjectLease | undefined {
  return object && { object, ...contents.lease(object.content) };
}

/** A digest: whatever the key is, it can't lead out of the directory. */
function recordName({ bucket, region, key }: ObjectPlace): string {
  return `${createHash('sha256').update(`${bucket}.${region}/${key}`).digest('hex')}.json`;
}

async function readRecords(directory: string): Promise<readonly StoredObject[]> {
  const objects: StoredObject[] = [];
  for (const file of await readdir(directory)) {
    const path = join(directory, file);
    if (file.endsWith('.json')) objects.push(await readRecord(path));
    else await rm(path, { force: true });
  }
  return objects;
}

async function readRecord(path: string): Promise<StoredObject> {
  try {
    return storedObjectSchema.parse(parseStrictJson(await readFile(path)));
  } catch {
    throw new ConfigurationError('the kept objects are refused', [
      `${path}: not an object's record; remove the file to go on without the object`,
    ]);
  }
}
