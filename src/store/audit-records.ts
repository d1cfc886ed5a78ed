import { CompiledQuery, type Insertable, type Kysely, type SelectQueryBuilder, sql } from 'kysely';
import type { Database } from './database.ts';
import type { AuditRecordRow, Tables } from './tables.ts';

/** How far the index has come in a journal: the last record, and the place behind it. */
export interface AuditCursor {
  readonly journal: string;
  readonly seq: number;
  readonly segment: number;
  readonly nextByte: number;
}

/** What is searched for; what is left out is not looked at. Times are ISO 8601 in UTC. */
export interface AuditQuery {
  readonly tenant?: string | undefined;
  readonly region?: string | undefined;
  readonly bucket?: string | undefined;
  readonly operation?: string | undefined;
  readonly decision?: string | undefined;
  readonly outcome?: string | undefined;
  readonly kind?: string | undefined;
  readonly requestId?: string | undefined;
  /** Inclusive. */
  readonly from?: string | undefined;
  /** Exclusive. */
  readonly to?: string | undefined;
}

/** A place among records in the order of a search, newest first. */
export interface AuditPlace {
  readonly at: string;
  readonly journal: string;
  readonly seq: number;
}

/** A record that was found, in the text of its line. */
export interface FoundRecord extends AuditPlace {
  readonly line: string;
}

/** What is put into the index of a record. */
export type IndexedRecord = Insertable<AuditRecordRow>;

/** The index of the journals in the database. */
export interface AuditRecords {
  /** Null: nothing of this journal is in the index. */
  cursorOf(journal: string): Promise<AuditCursor | null>;
  /** Put records in and move the cursor, both or none; a record that is there stays as it is. */
  add(rows: readonly IndexedRecord[], cursor: AuditCursor): Promise<void>;
  /** Put in what stands between two places, in place of what the index has there. */
  replace(
    rows: readonly IndexedRecord[],
    range: { readonly from: AuditCursor; readonly to: AuditCursor },
  ): Promise<void>;
  /** A page of at most `limit` records, newest first, those behind `after`. */
  find(
    query: AuditQuery,
    page: { readonly limit: number; readonly after: AuditPlace | null },
  ): Promise<FoundRecord[]>;
}

/** The columns that are compared as they are. */
const COMPARED = {
  tenant: 'tenant',
  region: 'region',
  bucket: 'bucket',
  operation: 'operation',
  decision: 'decision',
  outcome: 'outcome',
  kind: 'kind',
  requestId: 'request_id',
} as const;

export function createAuditRecords({ kind, query }: Database): AuditRecords {
  const insert = insertOf(kind);
  return {
    async cursorOf(journal) {
      const row = await query
        .selectFrom('audit_cursors')
        .selectAll()
        .where('journal', '=', journal)
        .executeTakeFirst();
      if (row === undefined) return null;
      const [seq, nextByte] = [Number(row.seq), Number(row.next_byte)];
      return { journal, seq, segment: row.segment, nextByte };
    },
    add: (rows, cursor) =>
      query.transaction().execute((transaction) => insert(transaction, rows, cursor)),
    replace: (rows, { from, to }) =>
      query.transaction().execute(async (transaction) => {
        await transaction
          .deleteFrom('audit_records')
          .where('journal', '=', to.journal)
          .where('seq', '>', from.seq)
          .where('seq', '<=', to.seq)
          .execute();
        await insert(transaction, rows, to);
      }),
    async find(wanted, { limit, after }) {
      const found = await matching(query.selectFrom('audit_records'), wanted)
        .$if(after !== null, (select) => select.where(behind(after)))
        .select(['at', 'journal', 'seq', 'line'])
        .orderBy('at', 'desc')
        .orderBy('journal', 'desc')
        .orderBy('seq', 'desc')
        .limit(limit)
        .execute();
      return found.map((row) => ({ ...row, seq: Number(row.seq) }));
    },
  };
}

type Insert = (
  query: Kysely<Tables>,
  rows: readonly IndexedRecord[],
  cursor: AuditCursor,
) => Promise<void>;

function insertOf(kind: Database['kind']): Insert {
  const statements = insertStatements(kind);
  return async function insert(query, rows, { journal, seq, segment, nextByte }) {
    let from = 0;
    for (const [size, statement] of statements) {
      for (; rows.length - from >= size; from += size) {
        const some = rows.slice(from, from + size);
        const values = some.flatMap((row) => COLUMNS.map((name) => row[name]));
        await query.executeQuery(CompiledQuery.raw(statement, values));
      }
    }
    const place = { seq, segment, next_byte: nextByte };
    await query
      .insertInto('audit_cursors')
      .values({ journal, ...place })
      .onConflict((conflict) => conflict.column('journal').doUpdateSet(place))
      .execute();
  };
}

const COLUMNS = [
  'journal',
  'seq',
  'at',
  'kind',
  'request_id',
  'tenant',
  'region',
  'bucket',
  'operation',
  'decision',
  'outcome',
  'line',
] as const satisfies readonly (keyof AuditRecordRow)[];

/**
 * So few statements insert any number of rows: each is prepared once and kept, since one that is
 * dropped holds its memory until the garbage of its thread is collected, which may be never. The
 * largest has far fewer parameters than either database takes.
 */
const ROWS_AT_ONCE = [128, 64, 32, 16, 8, 4, 2, 1] as const;

/**
 * The statements that insert so many rows, largest first, as text: for a query builder to make them
 * anew cost more than the rest of indexing, in the thread that serves requests; and for the database to take
 * rows out of one JSON text cost as much as to insert them.
 */
function insertStatements(kind: Database['kind']): ReadonlyMap<number, string> {
  const parameter = kind === 'sqlite' ? () => '?' : (position: number) => `$${position + 1}`;
  const write = (rows: number) => {
    const values = Array.from({ length: rows }, (_, row) =>
      COLUMNS.map((_name, column) => parameter(row * COLUMNS.length + column)).join(', '),
    );
    return `insert into audit_records (${COLUMNS.join(', ')}) values (${values.join('), (')}) on conflict (journal, seq) do nothing`;
  };
  return new Map(ROWS_AT_ONCE.map((rows) => [rows, write(rows)]));
}

type RecordSelect = SelectQueryBuilder<Tables, 'audit_records', object>;

/** INVARIANT: what a caller asks for is bound as a parameter, never a part of the statement. */
function matching(select: RecordSelect, wanted: AuditQuery): RecordSelect {
  let narrowed = select;
  for (const name of Object.keys(COMPARED) as (keyof typeof COMPARED)[]) {
    const value = wanted[name];
    if (value !== undefined) narrowed = narrowed.where(COMPARED[name], '=', value);
  }
  if (wanted.from !== undefined) narrowed = narrowed.where('at', '>=', wanted.from);
  return wanted.to === undefined ? narrowed : narrowed.where('at', '<', wanted.to);
}

/** A comparison of rows, which both databases answer from an index. */
function behind(place: AuditPlace | null) {
  const { at = '', journal = '', seq = 0 } = place ?? {};
  return sql<boolean>`(at, journal, seq) < (${at}, ${journal}, ${seq})`;
}
