import type { JournalPosition, ReadRecord } from './chain.ts';
import { linkProblem, readRecord } from './chain.ts';
import { readLines } from './lines.ts';
import { followIntent, type OpenIntents } from './open-intents.ts';
import { asKind } from './segment-files.ts';

/** What the last segment holds as far as it is valid. */
export interface Scan {
  /** Null when the segment is from before journals had ids. */
  journal: string | null;
  /** Null when it has no first record of its own. */
  openedAt: Date | null;
  readonly firstSeq: number;
  size: number;
  head: JournalPosition;
  tailBytes: number;
  /** Records behind the last checkpoint, and what it promised; null without one. */
  unsigned: number;
  within: number | null;
  readonly openIntents: OpenIntents;
  /** The members of those that this segment holds. */
  readonly intents: Map<string, ReadRecord['members']>;
  readonly recordedTails: Set<string>;
}

/** Where the segment before ended: the head, and what its last checkpoint promised. */
export interface SegmentStart {
  readonly head: JournalPosition;
  readonly within: number | null;
}

/** Thrown where a segment is not as a crash could have left it; `message` names the place. */
export class ScanError extends Error {
  override readonly name = 'ScanError';
}

/**
 * Read the last segment of a journal.
 * @throws ScanError
 */
export async function scanSegment(path: string, { head, within }: SegmentStart): Promise<Scan> {
  const scan: Scan = {
    journal: null,
    openedAt: null,
    firstSeq: head.seq + 1,
    size: 0,
    head,
    tailBytes: 0,
    unsigned: 0,
    within,
    openIntents: new Map(),
    intents: new Map(),
    recordedTails: new Set(),
  };
  let torn: string | null = null;
  for await (const line of readLines(path)) {
    // Only what a crash can leave is set aside: one last line that is no record at all.
    if (torn !== null) throw new ScanError(torn);
    const record = line.bytes === null ? null : readRecord(line.bytes);
    const problem = record === null ? 'not a record' : linkProblem(record, scan.head);
    const place = `line ${line.number}, record ${scan.head.seq + 1}: ${problem}`;
    if (record === null) [torn, scan.tailBytes] = [place, line.end - line.start];
    else if (problem !== null) throw new ScanError(place);
    else advance(scan, record, line.end);
  }
  return scan;
}

function advance(scan: Scan, record: ReadRecord, size: number): void {
  const { position, kind, members } = record;
  [scan.head, scan.size] = [position, size];
  scan.unsigned += 1;
  const { file } = members;
  if (kind === 'tail-set-aside' && typeof file === 'string') scan.recordedTails.add(file);
  else if (kind === 'segment-opened') takeHeader(scan, record);
  else if (kind === 'checkpoint') takeCheckpoint(scan, record);
  else followPair(scan, record);
}

function takeHeader(scan: Scan, record: ReadRecord): void {
  const header = asKind(record, 'segment-opened');
  if (header === null) throw new ScanError(`record ${record.position.seq}: not in shape`);
  scan.journal = header.journal;
  scan.openedAt = new Date(header.at);
  for (const { requestId, seq } of header.openIntents) scan.openIntents.set(requestId, seq);
}

function takeCheckpoint(scan: Scan, record: ReadRecord): void {
  const checkpoint = asKind(record, 'checkpoint');
  if (checkpoint === null) throw new ScanError(`record ${record.position.seq}: not in shape`);
  scan.journal ??= checkpoint.journal;
  scan.unsigned = 0;
  scan.within = checkpoint.within;
}

function followPair({ openIntents, intents }: Scan, { kind, members, position }: ReadRecord): void {
  const requestId = typeof members.requestId === 'string' ? members.requestId : null;
  followIntent(openIntents, { kind, requestId }, position.seq);
  if (requestId === null) return;
  if (kind === 'intent') intents.set(requestId, members);
  else intents.delete(requestId);
}
