import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { AuditCursor } from '../store/audit-records.ts';
import type { IndexablePiece, IndexedRecord } from '../store/index-writer.ts';
import { MAX_LINE_BYTES } from './chain.ts';
import { indexedRecord, isIndexed, type RecordHead, readHead } from './index-row.ts';
import { numberOf, segmentName } from './segment.ts';

interface ReadPiece extends IndexablePiece {
  /** Whether the next record is one that may not be looked at. */
  readonly isUpTo: boolean;
}

/** Longer than any record, so that a piece without the end of a line has none of one. */
const LONGEST_PIECE_BYTES = 2 * MAX_LINE_BYTES;
/**
 * Some dozen records, so that what is made of them is forgotten before the collector of garbage
 * comes round: of larger pieces it carried most along, which took a third of this thread's time.
 */
const PIECE_BYTES = 160 * 1024;
const NEWLINE = 10;

interface Source {
  readonly directory: string;
  /** The last record that may be looked at. */
  readonly upTo: number;
  /** What is read into, again and again. */
  readonly buffer: Buffer;
}

/**
 * Read what stands behind a place up to a record, piece by piece, from one segment into the next.
 * It reads in the calling thread, which stands still meanwhile.
 * @param upTo the last record that may be looked at
 */
export function* indexablePieces(
  directory: string,
  start: AuditCursor,
  upTo: number,
): Generator<IndexablePiece, void, void> {
  const source = { directory, upTo, buffer: Buffer.allocUnsafeSlow(LONGEST_PIECE_BYTES) };
  let place: AuditCursor | null = start;
  while (place !== null && place.seq < upTo) {
    const read = readFrom(place, source);
    if (read.piece !== null) yield read.piece;
    place = read.next;
  }
}

interface Reading {
  readonly piece: IndexablePiece | null;
  /** Where to go on; null: there is nothing more now. */
  readonly next: AuditCursor | null;
}

function readFrom(start: AuditCursor, source: Source): Reading {
  // Which segments there are is asked first: nothing comes to one that has another behind it.
  const [segment, following] = segmentsFrom(source.directory, start.segment);
  if (segment === undefined) return { piece: null, next: null };
  const place = segment === start.segment ? start : { ...start, segment, nextByte: 0 };
  const { isUpTo, ...piece } = readPiece(place, source);
  const hasCome = piece.end.nextByte > place.nextByte;
  if (isUpTo || hasCome) return { piece: hasCome ? piece : null, next: isUpTo ? null : piece.end };
  const next = following === undefined ? null : { ...place, segment: following, nextByte: 0 };
  return { piece: null, next };
}

/** The numbers of a segment and those behind it; the first may have been pruned. */
function segmentsFrom(directory: string, first: number): number[] {
  return readdirSync(directory)
    .map(numberOf)
    .filter((number) => number > 0 && number >= first)
    .sort((one, other) => one - other);
}

function readPiece(place: AuditCursor, { directory, upTo, buffer }: Source): ReadPiece {
  const bytes = readBytes(join(directory, segmentName(place.segment)), place.nextByte, buffer);
  const records: IndexedRecord[] = [];
  let [seq, from] = [place.seq, 0];
  const pieceUpTo = (isUpTo: boolean) => {
    const end = { ...place, seq, nextByte: place.nextByte + from };
    return { records, end, isUpTo };
  };
  for (let to = bytes.indexOf(NEWLINE); to !== -1; to = bytes.indexOf(NEWLINE, from)) {
    const head = to - from > MAX_LINE_BYTES ? null : readHead(bytes, from);
    if (head !== null && head.seq > upTo) return pieceUpTo(true);
    const record = head && recordAt(head, bytes, [from, to]);
    if (record !== null) records.push(record);
    [seq, from] = [head?.seq ?? seq, to + 1];
  }
  // What is longer than any record is none, and neither is the rest of that line.
  if (from === 0 && bytes.length === buffer.length) from = bytes.length;
  return pieceUpTo(false);
}

function recordAt(head: RecordHead, bytes: Buffer, place: readonly [from: number, to: number]) {
  return isIndexed(head.kind) ? indexedRecord(head, bytes.subarray(...place)) : null;
}

/** At most a piece, or more when the end of a line is not in it. */
function readBytes(path: string, from: number, buffer: Buffer): Buffer {
  const file = openSync(path, 'r');
  try {
    const length = readSync(file, buffer, 0, PIECE_BYTES, from);
    const bytes = buffer.subarray(0, length);
    if (length < PIECE_BYTES || bytes.includes(NEWLINE)) return bytes;
    return buffer.subarray(0, readSync(file, buffer, 0, buffer.length, from));
  } finally {
    closeSync(file);
  }
}
