import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigurationError } from '../errors.ts';
import { checkpointOf, checkpointProblem } from './checkpoint.ts';
import { PRUNE_MARK, type PruneMark, readPruneMark, signPruneMark } from './prune-mark.ts';
import { numberOf, segmentName, syncDirectory } from './segment.ts';
import { asKind, firstRecord, lastRecord, segmentNames } from './segment-files.ts';
import { writeDurably } from './segment-series.ts';
import type { PublicKeys, SigningKey } from './signing-key.ts';

export interface PruneOptions {
  readonly directory: string;
  /** What is younger stays. */
  readonly before: Date;
  readonly key: SigningKey;
  /** They must know the key that signed what is taken out. */
  readonly keys: PublicKeys;
  readonly now: () => Date;
}

/**
 * Take out the whole segments whose records are all older than a moment, and leave a signed mark in
 * their place. The last segment is never touched, so it works beside a running gateway. Killed at any
 * point, either nothing is gone or the mark accounts for it; the next call takes out what is left.
 * @returns the mark, or null when there is nothing to take out
 * @throws ConfigurationError when what would be taken out is not what the gateway wrote
 */
export async function pruneJournal(options: PruneOptions): Promise<PruneMark | null> {
  const { directory, key, now } = options;
  const names = await segmentNames(directory);
  const old = await readPruneMark(directory);
  if (old !== null && 'problem' in old) throw refused(directory, `${PRUNE_MARK} is ${old.problem}`);
  const segments = await lastToTakeOut(options, names);
  if (segments === null || segments <= (old?.segments ?? 0)) {
    await removeUpTo(directory, old?.segments ?? 0);
    return null;
  }
  const end = await endOf(options, segments);
  const mark = signPruneMark({ ...end, segments, at: now().toISOString() }, key);
  const unfinished = join(directory, `${PRUNE_MARK}.unfinished`);
  await writeDurably(unfinished, Buffer.from(`${JSON.stringify(mark)}\n`));
  await rename(unfinished, join(directory, PRUNE_MARK));
  await syncDirectory(directory);
  await removeUpTo(directory, segments);
  return mark;
}

/** The last segment that is followed by one that began before the moment, and is wanted no more. */
async function lastToTakeOut(
  { directory, before }: PruneOptions,
  names: readonly string[],
): Promise<number | null> {
  const headers = await Promise.all(names.map((name) => headerOf(directory, name)));
  // Of an intent that is still open the closing will be made from its record.
  const openSince = Math.min(...(headers.at(-1)?.openIntents ?? []).map(({ seq }) => seq));
  const next = headers.findLast(
    (header) =>
      header !== null && new Date(header.at) <= before && header.seq <= openSince && header.seq > 1,
  );
  return next ? next.segment - 1 : null;
}

async function headerOf(directory: string, name: string) {
  return asKind(await firstRecord(join(directory, name)), 'segment-opened');
}

/** Where the segments that are taken out end: in a checkpoint that the next one continues. */
async function endOf({ directory, keys }: PruneOptions, number: number) {
  const name = segmentName(number);
  const last = await lastRecord(join(directory, name));
  const record = asKind(last, 'checkpoint');
  const next = await firstRecord(join(directory, segmentName(number + 1)));
  if (last === null || record === null || next?.previous !== last.position.hash) {
    throw refused(directory, `${name} does not end where the next segment begins`);
  }
  const problem = checkpointProblem(checkpointOf(record), keys);
  if (problem !== null) throw refused(directory, `${name} ends in ${problem}`);
  return { journal: record.journal, within: record.within, ...last.position };
}

async function removeUpTo(directory: string, segments: number): Promise<void> {
  for (const name of await segmentNames(directory)) {
    if (numberOf(name) <= segments) await rm(join(directory, name));
  }
  await syncDirectory(directory);
}

function refused(directory: string, problem: string): ConfigurationError {
  return new ConfigurationError(`audit journal ${directory} is left as it is`, [problem]);
}
