import { randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ConfigurationError } from '../errors.ts';
import { GENESIS } from './chain.ts';
import { segmentHeader } from './chain-writer.ts';
import type { Checkpoint } from './checkpoint.ts';
import { recoveredClosing } from './event-body.ts';
import { HOLDER_FILE } from './lock.ts';
import type { OpenIntents } from './open-intents.ts';
import { PRUNE_MARK, type PruneMark, readPruneMark } from './prune-mark.ts';
import type { RecordBody } from './record.ts';
import { unsealedRecord } from './record-text.ts';
import { type Scan, ScanError, type SegmentStart, scanSegment } from './scan.ts';
import { type ChainState, Sealing, type SealingOptions } from './sealing.ts';
import { numberOf, openSegmentFile, Segment, segmentName, syncDirectory } from './segment.ts';
import { asKind, findIntents, lastRecord, missingSegment, segmentNames } from './segment-files.ts';
import { type LastSegment, UNFINISHED_SEGMENT, writeDurably } from './segment-series.ts';
import { setTailAside, TAIL_NAME, unrecordedTails } from './torn-tail.ts';

/** What opening a journal found. */
export interface RecoveryReport {
  /** Valid records that were there. */
  readonly records: number;
  /** Bytes behind them that were moved into a file of their own. */
  readonly tailBytes: number;
  /** Request ids of intents without a closing: each has been closed with the outcome `unknown`. */
  readonly openIntents: readonly string[];
}

/** A journal whose last segment is ready for appending, and the records that are due first. */
export interface RecoveredJournal {
  readonly last: LastSegment;
  readonly state: ChainState;
  readonly openIntents: OpenIntents;
  /** Whether its last segment has no first record of its own, as before journals had ids. */
  readonly isOfOldForm: boolean;
  readonly report: RecoveryReport;
  readonly due: readonly RecordBody[];
  /** Made with a new journal, and durable. */
  readonly checkpoints: readonly Checkpoint[];
}

/** The journal to recover; `version` is the program's. */
export interface RecoveryOptions extends SealingOptions {
  readonly directory: string;
  readonly version: string | null;
}

/**
 * Read the last segment, set a torn tail aside, and tell what has to be recorded of it. The earlier
 * segments are vouched for by the checkpoint that each ends in, and not read. Killed at any point
 * it can be done again: nothing is closed or recorded twice.
 * @throws ConfigurationError when the journal is damaged; it is then left as it is
 */
export async function recoverJournal(options: RecoveryOptions): Promise<RecoveredJournal> {
  const { directory } = options;
  const mark = await pruneMarkOf(directory);
  const pruned = mark?.segments ?? 0;
  const names = (await segmentNames(directory)).filter((name) => numberOf(name) > pruned);
  if (names.length === 0 && (await isUnused(directory))) return makeJournal(options);
  const missing = names.length === 0 ? segmentName(pruned + 1) : missingSegment(names, pruned);
  if (missing !== null) {
    throw damaged(join(directory, missing), `in its place there is ${names.at(-1) ?? 'nothing'}`);
  }
  await rm(join(directory, UNFINISHED_SEGMENT), { force: true });
  return recoverLast(options, pruned + names.length, mark);
}

/** Nothing tells that a journal was here before. */
async function isUnused(directory: string): Promise<boolean> {
  const names = await readdir(directory);
  const traces = [HOLDER_FILE, PRUNE_MARK];
  return !names.some((name) => traces.includes(name) || TAIL_NAME.test(name));
}

/** A new journal is there with its id, its opening and a checkpoint, or not at all. */
async function makeJournal(options: RecoveryOptions): Promise<RecoveredJournal> {
  const { directory, version, now } = options;
  const openedAt = now();
  const journal = randomBytes(16).toString('base64url');
  const { checkpointRecords: within } = options;
  const sealing = new Sealing({ journal, head: GENESIS, unsigned: 0, within }, options);
  const openIntents = new Map();
  const report = { records: 0, tailBytes: 0, openIntents: [] };
  const opened = { kind: 'journal-opened', version, ...report, openIntents: 0 };
  for (const body of [segmentHeader({ journal, segment: 1, openIntents }), opened]) {
    sealing.add(unsealedRecord(body, openedAt));
  }
  sealing.checkpoint();
  const { bytes, state, checkpoints } = sealing;
  const unfinished = join(directory, UNFINISHED_SEGMENT);
  await writeDurably(unfinished, bytes);
  const file = { path: unfinished, size: bytes.length, openFile: openSegmentFile };
  const segment = await Segment.open(file);
  await segment.moveTo(join(directory, segmentName(1))).finally(() => segment.close());
  await syncDirectory(directory);
  await syncDirectory(dirname(directory));
  const last = { number: 1, size: bytes.length, openedAt };
  return { last, state, openIntents, isOfOldForm: false, report, due: [], checkpoints };
}

async function recoverLast(
  options: RecoveryOptions,
  number: number,
  mark: PruneMark | null,
): Promise<RecoveredJournal> {
  const { directory, now, checkpointRecords } = options;
  const path = join(directory, segmentName(number));
  const isBehindMark = mark !== null && number === mark.segments + 1;
  const start = isBehindMark ? startBehind(mark) : await startOf(directory, number);
  const scan = await scanned(path, start);
  if (scan.size === 0) throw damaged(path, 'it was in use and has no record');
  const { size, head, tailBytes, unsigned } = scan;
  const closings = await closingsDue(options, number, scan);
  if (tailBytes > 0) await setTailAside({ path, size, seq: head.seq + 1, at: now() });
  return {
    last: { number, size, openedAt: scan.openedAt ?? now() },
    state: {
      journal: scan.journal ?? randomBytes(16).toString('base64url'),
      head,
      unsigned,
      within: scan.within ?? checkpointRecords,
    },
    openIntents: scan.openIntents,
    isOfOldForm: scan.openedAt === null,
    report: { records: head.seq, tailBytes, openIntents: [...scan.openIntents.keys()] },
    due: [...(await openingRecords(options, scan)), ...closings],
    checkpoints: [],
  };
}

/** Where the segments before this one end. */
async function startOf(directory: string, number: number): Promise<SegmentStart> {
  if (number === 1) return { head: GENESIS, within: null };
  const path = join(directory, segmentName(number - 1));
  const record = await lastRecord(path);
  const checkpoint = asKind(record, 'checkpoint');
  if (record === null || checkpoint === null)
    throw damaged(path, 'it does not end in a checkpoint');
  return { head: record.position, within: checkpoint.within };
}

/** Whether the mark is signed is for verification, like all that is older than the last segment. */
async function pruneMarkOf(directory: string): Promise<PruneMark | null> {
  const mark = await readPruneMark(directory);
  if (mark === null || !('problem' in mark)) return mark;
  throw damaged(join(directory, PRUNE_MARK), mark.problem);
}

function startBehind({ seq, hash, within }: PruneMark): SegmentStart {
  return { head: { seq, hash }, within };
}

async function scanned(path: string, start: SegmentStart): Promise<Scan> {
  try {
    const scan = await scanSegment(path, start);
    const isHeadless = start.head.seq > 0 && scan.size > 0 && scan.openedAt === null;
    if (isHeadless) throw new ScanError('line 1: not the first record of a segment');
    return scan;
  } catch (error) {
    if (error instanceof ScanError) throw damaged(path, error.message);
    throw error;
  }
}

/** The closings of intents whose process ended without one. */
async function closingsDue(
  { directory }: RecoveryOptions,
  number: number,
  { openIntents, intents }: Scan,
): Promise<RecordBody[]> {
  const carried = new Map([...openIntents].filter(([requestId]) => !intents.has(requestId)));
  const earlier = await findIntents(directory, number, carried);
  return [...openIntents].map(([requestId, seq]) => {
    const members = intents.get(requestId) ?? earlier.get(requestId);
    if (members !== undefined) return recoveredClosing(members);
    throw damaged(join(directory, segmentName(number)), `intent ${seq} is open and not found`);
  });
}

/** What is recorded of an opening before anything else. */
async function openingRecords(
  { directory, version }: RecoveryOptions,
  { firstSeq, head, tailBytes, openIntents, recordedTails }: Scan,
): Promise<RecordBody[]> {
  const tails = await unrecordedTails(directory, firstSeq, recordedTails);
  const found = { records: head.seq, tailBytes, openIntents: openIntents.size };
  return [
    { kind: 'journal-opened', version, ...found },
    ...tails.map((tail) => ({ kind: 'tail-set-aside', ...tail })),
  ];
}

function damaged(path: string, problem: string): ConfigurationError {
  return new ConfigurationError(`audit journal ${dirname(path)} is damaged and left as it is`, [
    `${basename(path)}: ${problem}`,
  ]);
}
