import { open, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ConfigurationError } from '../errors.ts';
import {
  GENESIS,
  type JournalPosition,
  linkProblem,
  type ReadRecord,
  readRecord,
} from './chain.ts';
import { readLines } from './lines.ts';
import { HOLDER_FILE } from './lock.ts';
import { type RecordBody, recoveredClosing } from './record.ts';
import { SEGMENT_NAME, segmentName, syncDirectory } from './segment.ts';
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

/** A segment that is ready for appending, and the records that are due before any other. */
export interface RecoveredSegment {
  readonly path: string;
  readonly size: number;
  readonly head: JournalPosition;
  readonly report: RecoveryReport;
  readonly due: readonly RecordBody[];
}

/** The journal to recover; `version` is the program's. */
export interface RecoveryOptions {
  readonly directory: string;
  readonly version: string | null;
  readonly now: () => Date;
}

/** What a segment holds as far as it is valid. */
interface Scan {
  size: number;
  head: JournalPosition;
  tailBytes: number;
  readonly openIntents: Map<string, ReadRecord['members']>;
  readonly recordedTails: Set<string>;
}

/**
 * Read the whole journal, set a torn tail aside, and tell what has to be recorded of it. Killed at
 * any point it can be done again: nothing is closed or recorded twice.
 * @throws ConfigurationError when the journal is damaged; it is then left as it is
 */
export async function recoverSegment(options: RecoveryOptions): Promise<RecoveredSegment> {
  const { directory, version, now } = options;
  const path = join(directory, segmentName(1));
  const wasUsed = await haveSegment(path);
  const { size, head, tailBytes, openIntents, recordedTails } = await scanSegment(path);
  if (wasUsed && head.seq === 0) throw damaged(path, 'it was in use and has no record');
  if (tailBytes > 0) await setTailAside({ path, size, seq: head.seq + 1, at: now() });
  const tails = await unrecordedTails(directory, recordedTails);
  const found = { records: head.seq, tailBytes, openIntents: openIntents.size };
  return {
    path,
    size,
    head,
    report: { records: head.seq, tailBytes, openIntents: [...openIntents.keys()] },
    due: [
      { kind: 'journal-opened', version, ...found },
      ...tails.map((tail) => ({ kind: 'tail-set-aside', ...tail })),
      ...[...openIntents.values()].map(recoveredClosing),
    ],
  };
}

/** Make the first segment of a new journal; tells whether the journal has been in use before. */
async function haveSegment(path: string): Promise<boolean> {
  const directory = dirname(path);
  const names = await readdir(directory);
  const wasUsed = names.includes(HOLDER_FILE);
  const segments = names.filter((name) => SEGMENT_NAME.test(name));
  if (segments.length === 0 && !wasUsed && !names.some((name) => TAIL_NAME.test(name))) {
    await (await open(path, 'ax', 0o600)).close();
    await syncDirectory(directory);
    await syncDirectory(dirname(directory));
  } else if (segments.length !== 1 || segments[0] !== basename(path)) {
    throw damaged(path, `in its place there is ${segments.join(', ') || 'nothing'}`);
  }
  return wasUsed;
}

async function scanSegment(path: string): Promise<Scan> {
  const scan: Scan = {
    size: 0,
    head: GENESIS,
    tailBytes: 0,
    openIntents: new Map(),
    recordedTails: new Set(),
  };
  let torn: string | null = null;
  for await (const line of readLines(path)) {
    // Only what a crash can leave is set aside: one last line that is no record at all.
    if (torn !== null) throw damaged(path, torn);
    const record = line.bytes === null ? null : readRecord(line.bytes);
    const problem = record === null ? 'not a record' : linkProblem(record, scan.head);
    const place = `line ${line.number}, record ${scan.head.seq + 1}: ${problem}`;
    if (record === null) [torn, scan.tailBytes] = [place, line.end - line.start];
    else if (problem !== null) throw damaged(path, place);
    else advance(scan, record, line.end);
  }
  return scan;
}

function advance(scan: Scan, { position, kind, members }: ReadRecord, size: number): void {
  [scan.head, scan.size] = [position, size];
  const { requestId, file } = members;
  if (typeof requestId === 'string') {
    if (kind === 'intent') scan.openIntents.set(requestId, members);
    else if (kind === 'closing') scan.openIntents.delete(requestId);
  }
  if (kind === 'tail-set-aside' && typeof file === 'string') scan.recordedTails.add(file);
}

function damaged(path: string, problem: string): ConfigurationError {
  return new ConfigurationError(`audit journal ${dirname(path)} is damaged and left as it is`, [
    `${basename(path)}: ${problem}`,
  ]);
}
