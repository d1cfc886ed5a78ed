import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync } from 'node:fs';
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ORIGINAL_REASONS,
  type OriginalReason,
  type SlimFormat,
  type SlimResult,
} from './slim-result.ts';

/**
 * Part of the cache's path: to be raised with every change that makes other bytes of the same
 * picture. What an older engine made is no longer read.
 */
const ENGINE_VERSION = 1;

const CONTENT_TYPES: Readonly<Record<SlimFormat, string>> = {
  jpg: 'image/jpeg',
  png: 'image/png',
  gif: 'image/gif',
};
const FORMATS: readonly SlimFormat[] = ['jpg', 'png', 'gif'];

/** Results on disk, by the SHA-256 of the original; an entry is whole or not there. */
export interface SlimCache {
  find(contentSha256: string): Promise<SlimResult | null>;
  /** A name for a file that is not in the cache yet, on the same file system. */
  newFile(): string;
  /** Take a finished file in, under its final name. */
  keep(file: string, entry: { contentSha256: string; format: SlimFormat }): Promise<SlimResult>;
  /** Remember that there is nothing better than the original. */
  keepOriginal(contentSha256: string, reason: OriginalReason): Promise<SlimResult>;
  count(): number;
}

/** The directory is made when it is missing. */
export function openSlimCache(cacheDirectory: string): SlimCache {
  const directory = join(cacheDirectory, `engine-${ENGINE_VERSION}`);
  mkdirSync(directory, { recursive: true });
  let entries = readdirSync(directory).filter((name) => !name.startsWith('.')).length;
  const pathOf = (contentSha256: string, kind: SlimFormat | 'original') =>
    join(directory, `${contentSha256}.${kind}`);
  const newFile = () => join(directory, `.${randomUUID()}`);

  async function find(contentSha256: string): Promise<SlimResult | null> {
    const [reason, ...compressed] = await Promise.all([
      readReason(pathOf(contentSha256, 'original')),
      ...FORMATS.map((format) => compressedAt(pathOf(contentSha256, format), format)),
    ]);
    return compressed.find((result) => result !== null) ?? reason;
  }

  async function keep(file: string, entry: { contentSha256: string; format: SlimFormat }) {
    const path = pathOf(entry.contentSha256, entry.format);
    try {
      await rename(file, path);
    } finally {
      await rm(file, { force: true });
    }
    entries += 1;
    const kept = await compressedAt(path, entry.format);
    if (kept === null) throw new Error('the cache lost a file that was just put there');
    return kept;
  }

  async function keepOriginal(contentSha256: string, reason: OriginalReason): Promise<SlimResult> {
    const file = newFile();
    try {
      await writeFile(file, reason, { flush: true });
      await rename(file, pathOf(contentSha256, 'original'));
      entries += 1;
    } finally {
      await rm(file, { force: true });
    }
    return { kind: 'original', reason };
  }

  return { find, newFile, keep, keepOriginal, count: () => entries };
}

async function compressedAt(path: string, format: SlimFormat): Promise<SlimResult | null> {
  const found = await stat(path).catch(() => null);
  if (found === null || found.size === 0) return null;
  const contentType = CONTENT_TYPES[format];
  return { kind: 'compressed', path, bytes: found.size, contentType, format };
}

async function readReason(path: string): Promise<SlimResult | null> {
  const text = await readFile(path, 'utf8').catch(() => null);
  const reason = ORIGINAL_REASONS.find((known) => known === text);
  return reason === undefined ? null : { kind: 'original', reason };
}
