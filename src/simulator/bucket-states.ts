import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigurationError } from '../errors.ts';
import { parseStrictJson } from '../strict-json.ts';
import type { Bucket } from './local-cloud.ts';
import { replaceFile, syncDirectory, UNFINISHED } from './replace-file.ts';
import { NEVER_SET, type SlimSetting, slimSettingSchema } from './slim-setting.ts';

type BucketName = Pick<Bucket, 'name' | 'region'>;

/** The settings of all buckets: read from memory, kept in one file a bucket. */
export interface BucketStates {
  /** The latest setting; undefined for a bucket that doesn't exist. */
  get(bucket: BucketName): SlimSetting | undefined;
  /** Resolves when the setting is on disk, whatever happens to the process or the machine then. */
  set(bucket: BucketName, setting: SlimSetting): Promise<void>;
  /** Resolves when the bucket has no setting any more, on disk as well. */
  remove(bucket: BucketName): Promise<void>;
  /** Resolves when nothing is being written any more. */
  settled(): Promise<void>;
}

/**
 * Load the settings kept in a directory, which is made when it isn't there.
 * @throws ConfigurationError when a file holds something else
 */
export async function openBucketStates(
  directory: string,
  buckets: readonly Bucket[],
): Promise<BucketStates> {
  await mkdir(directory, { recursive: true });
  const files = await readdir(directory);
  await Promise.all(
    files.filter((file) => file.endsWith(UNFINISHED)).map((file) => rm(join(directory, file))),
  );
  const settings = new Map<string, SlimSetting>();
  for (const bucket of buckets) {
    const file = fileOf(bucket);
    const kept = files.includes(file) ? await readSetting(join(directory, file)) : bucket.slim;
    settings.set(file, kept ?? NEVER_SET);
  }
  // One at a time: two writers of a bucket would share its unfinished file.
  let last: Promise<void> = Promise.resolve();
  return {
    get: (bucket) => settings.get(fileOf(bucket)),
    set(bucket, setting) {
      // At once: the next change may build on this one while it is still being written.
      settings.set(fileOf(bucket), setting);
      const written = last.then(() =>
        replaceFile(directory, fileOf(bucket), JSON.stringify(setting)),
      );
      last = written.catch(() => undefined);
      return written;
    },
    remove(bucket) {
      settings.delete(fileOf(bucket));
      const removed = last.then(async () => {
        await rm(join(directory, fileOf(bucket)), { force: true });
        await syncDirectory(directory);
      });
      last = removed.catch(() => undefined);
      return removed;
    },
    settled: () => last,
  };
}

/** Neither part of the name has a dot. */
function fileOf({ name, region }: BucketName): string {
  return `${name}.${region}.json`;
}

async function readSetting(path: string): Promise<SlimSetting> {
  try {
    return slimSettingSchema.parse(parseStrictJson(await readFile(path)));
  } catch {
    throw new ConfigurationError('the kept bucket states are refused', [
      `${path}: not a setting; remove the file to begin anew`,
    ]);
  }
}
