import type { AuditCursor } from './audit-records.ts';
import type { DatabasePlace } from './database.ts';
import { lineCompressor } from './kept-lines.ts';
import { openPostgres } from './postgres-connection.ts';
import type { LargeNumber, SqlConnection, SqlStatements, SqlValue } from './sql-connection.ts';
import { sqliteConnection } from './sqlite-connection.ts';
import { directSqlite } from './sqlite-direct.ts';
import { openIndexFile } from './sqlite-file.ts';

/** What is put into the index of a record. */
export interface IndexedRecord {
  readonly seq: number;
  /** Unix milliseconds. */
  readonly at: number;
  readonly kind: string;
  readonly requestId: string | null;
  readonly tenant: string | null;
  readonly region: string | null;
  readonly bucket: string | null;
  readonly operation: string | null;
  readonly decision: string | null;
  readonly outcome: string | null;
  /** As it stands in the journal, without the newline. */
  readonly line: Uint8Array;
}

/** Records that follow on each other, and the place behind them. */
export interface IndexablePiece {
  readonly records: readonly IndexedRecord[];
  readonly end: AuditCursor;
}

/**
 * Fills the index of the journals, over a connection of its own. Pieces are taken one by one: the
 * bytes of one may be written over when the next is asked for.
 */
export interface IndexWriter {
  /** Null: nothing of this journal is in the index. */
  cursorOf(journal: string): Promise<AuditCursor | null>;
  /**
   * Put in what stands behind a place and move the cursor, both or none; a record that is there
   * stays as it is. Tells the new cursor.
   */
  add(from: AuditCursor, pieces: Iterable<IndexablePiece>): Promise<AuditCursor>;
  /** The same, in place of what the index has there. */
  replace(from: AuditCursor, pieces: Iterable<IndexablePiece>): Promise<AuditCursor>;
  close(): Promise<void>;
}

/**
 * Open what is there: its tables are made by openDatabase.
 * @throws StoreRefusal when the URL cannot be read
 * @throws Error when the file cannot be opened
 */
export async function openIndexWriter(place: DatabasePlace): Promise<IndexWriter> {
  const connection = await connect(place);
  const names = numberedNames(connection);
  const compressed = lineCompressor();

  async function put(start: AuditCursor, pieces: Iterable<IndexablePiece>, isAnew: boolean) {
    let cursor = start;
    try {
      await connection.transaction(async (inside) => {
        for (const { records, end } of pieces) {
          const numberOf = await names.of(namesOf(records, end.journal), inside);
          if (isAnew)
            await remove(inside, { from: cursor, to: end, number: numberOf(end.journal) });
          await insert(inside, { records, number: numberOf(end.journal), numberOf, compressed });
          cursor = end;
        }
        if (cursor !== start) await moveTo(inside, cursor, names.numberOf(cursor.journal));
      });
    } catch (error) {
      // A name may have been given its number in what has come to nothing.
      names.forget();
      throw error;
    }
    return cursor;
  }

  return {
    async cursorOf(journal) {
      const [row] = await connection.ask<ProgressRow>(PROGRESS, [journal]);
      if (row === undefined) return null;
      const { seq, segment, next_byte: nextByte } = row;
      return { journal, seq: Number(seq), segment, nextByte: Number(nextByte) };
    },
    add: (from, pieces) => put(from, pieces, false),
    replace: (from, pieces) => put(from, pieces, true),
    close: () => connection.close(),
  };
}

function connect(place: DatabasePlace): Promise<SqlConnection> | SqlConnection {
  if (place.kind === 'postgres') return openPostgres(place.url);
  return sqliteConnection(directSqlite(openIndexFile(place.path)));
}

interface ProgressRow {
  readonly seq: LargeNumber;
  readonly segment: number;
  readonly next_byte: LargeNumber;
}

const PROGRESS = `select seq, segment, next_byte from audit_progress
  where journal = (select id from audit_names where name = ?)`;
const REMOVE_ENTRIES = 'delete from audit_entries where journal = ? and seq > ? and seq <= ?';
/** So many lines are found fast in what they are kept in, and compress well: they are much alike. */
const LINES_AT_ONCE = 96;
/** Some of the first ones may be of records in front of the range, which stay. */
const REMOVE_LINES = `delete from audit_lines where journal = ? and last_seq > ? and last_seq <= ?
  and id not in (select lines from audit_entries where journal = ? and seq <= ?
    order by seq desc limit ${LINES_AT_ONCE})`;
const INSERT_LINES =
  'insert into audit_lines (journal, last_seq, lines) values (?, ?, ?) returning id';
const INSERT_ENTRIES = `insert into audit_entries (journal, seq, at, kind, request_id, tenant,
  region, bucket, operation, decision, outcome, lines, nth) values ? on conflict do nothing`;
const MOVE_CURSOR = `insert into audit_progress (journal, seq, segment, next_byte)
  values (?, ?, ?, ?) on conflict (journal) do update
  set seq = excluded.seq, segment = excluded.segment, next_byte = excluded.next_byte`;

type NumberOf = (name: string | null) => number | null;

interface Range {
  readonly from: AuditCursor;
  readonly to: AuditCursor;
  readonly number: number | null;
}

async function remove(connection: SqlStatements, { from, to, number }: Range): Promise<void> {
  await connection.ask(REMOVE_ENTRIES, [number, from.seq, to.seq]);
  await connection.ask(REMOVE_LINES, [number, from.seq, to.seq, number, from.seq]);
}

async function moveTo(
  connection: SqlStatements,
  { seq, segment, nextByte }: AuditCursor,
  number: number | null,
): Promise<void> {
  await connection.ask(MOVE_CURSOR, [number, seq, segment, nextByte]);
}

interface Insertion {
  readonly records: readonly IndexedRecord[];
  /** The journal's. */
  readonly number: number | null;
  readonly numberOf: NumberOf;
  readonly compressed: ReturnType<typeof lineCompressor>;
}

async function insert(
  connection: SqlStatements,
  { records, number, numberOf, compressed }: Insertion,
): Promise<void> {
  for (let from = 0; from < records.length; from += LINES_AT_ONCE) {
    const some = records.slice(from, from + LINES_AT_ONCE);
    const lastSeq = some.at(-1)?.seq ?? 0;
    const [kept] = await connection.ask<{ id: LargeNumber }>(INSERT_LINES, [
      number,
      lastSeq,
      compressed(some.map(({ line }) => line)),
    ]);
    const lines = Number(kept?.id);
    const values: SqlValue[] = [];
    for (const [nth, record] of some.entries()) {
      values.push(
        number,
        record.seq,
        record.at,
        numberOf(record.kind),
        record.requestId,
        numberOf(record.tenant),
        numberOf(record.region),
        numberOf(record.bucket),
        numberOf(record.operation),
        numberOf(record.decision),
        numberOf(record.outcome),
        lines,
        nth,
      );
    }
    await connection.insert({ sql: INSERT_ENTRIES, columns: 13, values });
  }
}

/** Names of which the number is remembered, and of which it is asked for at once. */
const MAX_REMEMBERED = 50_000;
const NAMES_AT_ONCE = 500;

/** Numbers of names, the same for all who fill the index; a name that is new is given one. */
function numberedNames(connection: SqlConnection) {
  const known = new Map<string, number>();
  const numberOf: NumberOf = (name) => (name === null ? null : (known.get(name) ?? null));
  const look = async (names: readonly string[], { ask }: SqlStatements) => {
    const found = await ask<{ id: LargeNumber; name: string }>(
      `select id, name from audit_names where name in (${names.map(() => '?').join(', ')})`,
      names,
    );
    for (const { id, name } of found) known.set(name, Number(id));
    return names.filter((name) => !known.has(name));
  };
  return {
    numberOf,
    forget: () => known.clear(),
    async of(names: ReadonlySet<string>, inside: SqlStatements): Promise<NumberOf> {
      // Beside the transaction, which would hold up who has the same names, where that is possible.
      const statements = connection.kind === 'sqlite' ? inside : connection;
      if (known.size > MAX_REMEMBERED) known.clear();
      // In one order for all: who inserts the same names at once waits and does not stand in a circle.
      const missing = [...names].filter((name) => !known.has(name)).sort();
      for (let from = 0; from < missing.length; from += NAMES_AT_ONCE) {
        const fresh = await look(missing.slice(from, from + NAMES_AT_ONCE), statements);
        if (fresh.length === 0) continue;
        await statements.insert({ sql: INSERT_NAMES, columns: 1, values: fresh });
        await look(fresh, statements);
      }
      return numberOf;
    },
  };
}

const INSERT_NAMES = 'insert into audit_names (name) values ? on conflict do nothing';

function namesOf(records: readonly IndexedRecord[], journal: string): Set<string> {
  const names = new Set([journal]);
  const note = (name: string | null) => name !== null && names.add(name);
  for (const { kind, tenant, region, bucket, operation, decision, outcome } of records) {
    names.add(kind);
    note(tenant);
    note(region);
    note(bucket);
    note(operation);
    note(decision);
    note(outcome);
  }
  return names;
}
