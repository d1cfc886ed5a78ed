import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ConfigurationError } from '../errors.ts';
import { parseStrictJson } from '../strict-json.ts';
import { type Bucket, bucketSchema } from './local-cloud.ts';
import { replaceFile } from './replace-file.ts';

/** What tells buckets apart. */
export type BucketPlace = Pick<Bucket, 'name' | 'region'>;

/** The buckets that there are: those of the cloud's document, and what was changed about them. */
export interface BucketRegistry {
  list(): readonly Bucket[];
  find(place: BucketPlace): Bucket | undefined;
  /** Add a bucket, or put it in another's place. Visible at once; resolves when it is on disk. */
  put(bucket: Bucket): Promise<void>;
  /** Resolves when that is on disk. */
  remove(place: BucketPlace): Promise<void>;
  /** Back to the document. */
  reset(): Promise<void>;
  /** Resolves when nothing is being written any more. */
  settled(): Promise<void>;
}

const FILE = 'bucket-changes.json';
const changesSchema = z.array(
  z.strictObject({ place: z.string(), bucket: bucketSchema.nullable() }),
);

/**
 * Load the changes kept in a directory that is there.
 * @throws ConfigurationError when the file holds something else
 */
export async function openBucketRegistry(
  directory: string,
  documented: readonly Bucket[],
): Promise<BucketRegistry> {
  const changes = new Map(
    (await readChanges(join(directory, FILE))).map(({ place, bucket }) => [place, bucket]),
  );
  let last: Promise<void> = Promise.resolve();
  const keep = () => {
    const text = JSON.stringify([...changes].map(([place, bucket]) => ({ place, bucket })));
    const written = last.then(() => replaceFile(directory, FILE, text));
    last = written.catch(() => undefined);
    return written;
  };
  const list = () => {
    const buckets = new Map<string, Bucket | null>(documented.map((b) => [placeText(b), b]));
    for (const [place, bucket] of changes) buckets.set(place, bucket);
    return [...buckets.values()].filter((bucket) => bucket !== null);
  };
  return {
    list,
    find: (place) => list().find((bucket) => placeText(bucket) === placeText(place)),
    put(bucket) {
      changes.set(placeText(bucket), bucket);
      return keep();
    },
    remove(place) {
      changes.set(placeText(place), null);
      return keep();
    },
    reset() {
      changes.clear();
      return keep();
    },
    settled: () => last,
  };
}

/** Neither part of the name has a dot. */
function placeText({ name, region }: BucketPlace): string {
  return `${name}.${region}`;
}

async function readChanges(path: string): Promise<z.output<typeof changesSchema>> {
  const bytes = await readFile(path).catch(() => null);
  if (bytes === null) return [];
  try {
    return changesSchema.parse(parseStrictJson(bytes));
  } catch {
    throw new ConfigurationError('the kept buckets are refused', [
      `${path}: not a list of buckets; remove the file to begin anew`,
    ]);
  }
}
