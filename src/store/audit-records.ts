import {
  type Insertable,
  type Kysely,
  type RawBuilder,
  type SelectQueryBuilder,
  sql,
} from 'kysely';
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
  const columns = sql.raw(Object.keys(COLUMN_TYPES).join(', '));
  return async function insert(query, rows, { journal, seq, segment, nextByte }) {
    // All rows are one parameter: to build a statement with one for each value cost more than the
    // rest of indexing, in the thread that serves requests.
    const source = SOURCES[kind](JSON.stringify(rows));
    await sql`
      insert into audit_records (${columns}) ${source} on conflict (journal, seq) do nothing
    `.execute(query);
    const place = { seq, segment, next_byte: nextByte };
    await query
      .insertInto('audit_cursors')
      .values({ journal, ...place })
      .onConflict((conflict) => conflict.column('journal').doUpdateSet(place))
      .execute();
  };
}

const COLUMN_TYPES: Readonly<Record<keyof AuditRecordRow, 'text' | 'bigint'>> = {
  journal: 'text',
  seq: 'bigint',
  at: 'text',
  kind: 'text',
  request_id: 'text',
  tenant: 'text',
  region: 'text',
  bucket: 'text',
  operation: 'text',
  decision: 'text',
  outcome: 'text',
  line: 'text',
};

/** Rows out of a JSON text, an array of objects with the columns as members. */
const SOURCES: Readonly<Record<Database['kind'], (json: string) => RawBuilder<unknown>>> = {
  sqlite(json) {
    const members = Object.keys(COLUMN_TYPES).map((name) => `value ->> '${name}'`);
    // Without a condition SQLite would read `on conflict` as that of a join.
    return sql`select ${sql.raw(members.join(', '))} from json_each(${json}) where true`;
  },
  postgres(json) {
    const columns = Object.entries(COLUMN_TYPES).map(([name, type]) => `${name} ${type}`);
    return sql`select * from jsonb_to_recordset(${json}::jsonb) as rows(${sql.raw(columns.join(', '))})`;
  },
};

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
