import { setImmediate } from 'node:timers/promises';
import type { AuditCursor } from '../store/audit-records.ts';
import type { IndexablePiece, IndexWriter } from '../store/index-writer.ts';
import { indexablePieces } from './indexable.ts';

/** So many are put into the index at once, in one transaction of some tens of milliseconds. */
const RECORDS_AT_ONCE = 2_000;

/** What of a journal is put into the index, and how. */
export interface Indexing {
  readonly directory: string;
  /** The last record that may be looked at. */
  readonly upTo: number;
  readonly put: IndexWriter['add'];
  /** Asked for between two puts. */
  readonly isStopped?: () => boolean;
}

/** The cursor of a journal of which nothing is in the index. */
export function beginningOf(journal: string): AuditCursor {
  return { journal, seq: 0, segment: 1, nextByte: 0 };
}

/** Index what is behind the cursor; tells the new cursor. */
export async function indexUpTo(
  start: AuditCursor,
  { directory, upTo, put, isStopped = () => false }: Indexing,
): Promise<AuditCursor> {
  for (let cursor = start; ; ) {
    const end = await put(cursor, someOf(indexablePieces(directory, cursor, upTo)));
    if (end === cursor || end.seq >= upTo) return end;
    cursor = end;
    // What is told to this thread meanwhile is heard.
    await setImmediate();
    if (isStopped()) return cursor;
  }
}

function* someOf(pieces: Iterable<IndexablePiece>): Generator<IndexablePiece, void, void> {
  let taken = 0;
  for (const piece of pieces) {
    yield piece;
    taken += piece.records.length;
    if (taken >= RECORDS_AT_ONCE) return;
  }
}

/**
 * Make the index of a journal anew, beside a running gateway or not; tells how many records were
 * read. Ended in the middle, it leaves the rest as it was.
 */
export async function reindex(
  directory: string,
  journal: string,
  writer: Pick<IndexWriter, 'replace'>,
): Promise<number> {
  const { seq } = await indexUpTo(beginningOf(journal), {
    directory,
    upTo: Number.POSITIVE_INFINITY,
    put: (from, pieces) => writer.replace(from, pieces),
  });
  return seq;
}
