import { setTimeout } from 'node:timers/promises';
import type { AuditCursor, AuditRecords, IndexedRecord } from '../store/audit-records.ts';
import { readHead, readMembers } from './chain.ts';
import { indexRow, isIndexed } from './index-row.ts';
import type { Line } from './lines.ts';
import { lineRunsBehind } from './reading.ts';

/** How far the index is behind its journal. */
export interface IndexStatus {
  /** The last record that is in the index; 0 before the database was asked. */
  readonly indexed: number;
  /** Durable records that are not in it yet. */
  readonly behind: number;
  /** Why it stands still, for operators; null when it does not. */
  readonly problem: string | null;
}

/** Fills the index behind a journal that is being written. */
export interface Indexer {
  status(): IndexStatus;
  /** Let what is under way come to its end, and stop. */
  close(): Promise<void>;
}

export interface IndexerOptions {
  readonly directory: string;
  readonly records: AuditRecords;
  /** The journal's id, and its last durable record: nothing behind it is looked at. */
  readonly journal: () => { readonly id: string; readonly seq: number };
  /** Called when the index stands still, and when it goes on. */
  readonly onStateChange: (status: IndexStatus) => void;
}

const PAUSE_MS = 250;
/** After a failure; each further one doubles it up to the longest. */
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 15_000;
const RECORDS_AT_ONCE = 2_000;

/**
 * Start to fill the index. It reads the journal's files, so that no request waits for it and none
 * is lost to it: what the database has not taken is read again.
 */
export function startIndexer(options: IndexerOptions): Indexer {
  const stop = new AbortController();
  let cursor: AuditCursor | null = null;
  let problem: string | null = null;
  const status = () => {
    const indexed = cursor?.seq ?? 0;
    return { indexed, behind: Math.max(0, options.journal().seq - indexed), problem };
  };
  const tell = (news: string | null) => {
    if (news === problem) return;
    problem = news;
    options.onStateChange(status());
  };
  const filling = {
    directory: options.directory,
    put: (rows: readonly IndexedRecord[], _from: AuditCursor, to: AuditCursor) =>
      options.records.add(rows, to),
    signal: stop.signal,
  };
  const run = async () => {
    for (let retryMs = FIRST_RETRY_MS; !stop.signal.aborted; ) {
      try {
        const { id, seq } = options.journal();
        cursor ??= (await options.records.cursorOf(id)) ?? startOf(id);
        cursor = await indexUpTo(cursor, { ...filling, upTo: seq });
        tell(null);
        retryMs = FIRST_RETRY_MS;
        await pause(PAUSE_MS);
      } catch (error) {
        tell(error instanceof Error ? error.message : String(error));
        await pause(retryMs);
        retryMs = Math.min(2 * retryMs, LONGEST_RETRY_MS);
      }
    }
  };
  const pause = (ms: number) =>
    setTimeout(ms, undefined, { ref: false, signal: stop.signal }).catch(() => undefined);
  const running = run();
  return {
    status,
    async close() {
      stop.abort();
      await running;
    },
  };
}

/**
 * Make the index of a journal anew, beside a running gateway or not; tells how many records were
 * read. Ended in the middle, it leaves the rest as it was.
 */
export async function reindex(
  directory: string,
  journal: string,
  records: AuditRecords,
): Promise<number> {
  const end = await indexUpTo(startOf(journal), {
    directory,
    upTo: Number.POSITIVE_INFINITY,
    put: (rows, from, to) => records.replace(rows, { from, to }),
  });
  return end.seq;
}

function startOf(journal: string): AuditCursor {
  return { journal, seq: 0, segment: 1, nextByte: 0 };
}

interface Filling {
  readonly directory: string;
  /** The last record that may be looked at. */
  readonly upTo: number;
  readonly put: (
    rows: readonly IndexedRecord[],
    from: AuditCursor,
    to: AuditCursor,
  ) => Promise<void>;
  readonly signal?: AbortSignal;
}

/** Index what is behind the cursor; tells the new cursor. */
async function indexUpTo(start: AuditCursor, filling: Filling): Promise<AuditCursor> {
  let [cursor, next] = [start, start];
  let rows: IndexedRecord[] = [];
  let taken = 0;
  const put = async () => {
    await filling.put(rows, cursor, next);
    [cursor, rows, taken] = [next, [], 0];
  };
  for await (const records of recordsUpTo(start, filling)) {
    for (const { row, ...place } of records) {
      if (row !== null) rows.push(row);
      next = { ...next, ...place };
      taken += 1;
      if (taken === RECORDS_AT_ONCE) await put();
    }
  }
  if (taken > 0) await put();
  return cursor;
}

interface IndexableRecord extends Omit<AuditCursor, 'journal'> {
  /** Null for what is not searched for. */
  readonly row: IndexedRecord | null;
}

/** In runs, as they are read. */
async function* recordsUpTo(
  { journal, seq, segment, nextByte }: AuditCursor,
  { directory, upTo, signal }: Filling,
): AsyncGenerator<IndexableRecord[], void, void> {
  if (seq >= upTo) return;
  const place = { number: segment, offset: nextByte };
  for await (const { number, lines } of lineRunsBehind(directory, place)) {
    const records = lines.flatMap((line) => indexableRecord(journal, number, line) ?? []);
    yield records.filter((record) => record.seq <= upTo);
    if (signal?.aborted) return;
  }
}

function indexableRecord(
  journal: string,
  segment: number,
  { bytes, end }: Line,
): IndexableRecord | null {
  const head = bytes && readHead(bytes);
  if (bytes === null || head === null) return null;
  const members = isIndexed(head.kind) ? readMembers(bytes) : null;
  const row = members && indexRow(journal, { text: bytes.toString(), members });
  return { row, seq: head.seq, segment, nextByte: end };
}
