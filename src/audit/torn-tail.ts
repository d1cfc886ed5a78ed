import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { open, readdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { syncDirectory } from './segment.ts';

/** The names of files that hold torn tails. */
export const TAIL_NAME = /^torn-(\d+)-\d{8}T\d{9}Z\.bin$/;

/** A copy that was not completed; the next one takes its place. */
const UNFINISHED = 'torn.unfinished';

/** A file with a torn tail. */
export interface TornTail {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * Move what stands behind the first `size` bytes of a segment into a file of its own, which is
 * durable before the segment is cut.
 */
export async function setTailAside(tail: {
  readonly path: string;
  readonly size: number;
  /** Of the record that should have been there. */
  readonly seq: number;
  readonly at: Date;
}): Promise<void> {
  const directory = dirname(tail.path);
  const name = `torn-${tail.seq}-${tail.at.toISOString().replace(/[-:.]/g, '')}.bin`;
  const unfinished = join(directory, UNFINISHED);
  await pipeline(
    createReadStream(tail.path, { start: tail.size }),
    createWriteStream(unfinished, { mode: 0o600, flush: true }),
  );
  await rename(unfinished, join(directory, name));
  await syncDirectory(directory);
  const segment = await open(tail.path, 'r+');
  try {
    await segment.truncate(tail.size);
    await segment.sync();
  } finally {
    await segment.close();
  }
}

/**
 * The torn tails of which no record tells yet, oldest first.
 * @param firstSeq of the last segment: a tail that was set aside before it is recorded before it
 */
export async function unrecordedTails(
  directory: string,
  firstSeq: number,
  recorded: ReadonlySet<string>,
): Promise<TornTail[]> {
  const names = await readdir(directory);
  const due = names
    .filter((name) => Number(TAIL_NAME.exec(name)?.[1] ?? 0) >= firstSeq && !recorded.has(name))
    .sort();
  return Promise.all(due.map((name) => measured(directory, name)));
}

async function measured(directory: string, file: string): Promise<TornTail> {
  const digest = createHash('sha256');
  let bytes = 0;
  const chunks: AsyncIterable<Buffer> = createReadStream(join(directory, file));
  for await (const chunk of chunks) {
    digest.update(chunk);
    bytes += chunk.length;
  }
  return { file, bytes, sha256: digest.digest('hex') };
}
