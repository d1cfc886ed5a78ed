import { type Kysely, SqliteAdapter, sql } from 'kysely';

/**
 * The index of the journals in few bytes: texts that come again and again are numbers, and lines
 * are kept many at a time, compressed. What the index has is carried over, since what was pruned
 * from a journal is in no file any more.
 */
export async function up(query: Kysely<unknown>): Promise<void> {
  const dialect = query.getExecutor().adapter instanceof SqliteAdapter ? SQLITE : POSTGRES;
  await createTables(query, dialect);
  await carryOver(query, dialect);
  await query.schema.dropTable('audit_records').execute();
  await query.schema.dropTable('audit_cursors').execute();
}

interface Words {
  /** Of a number that the database gives. */
  readonly key: 'integer' | 'bigserial';
  readonly bytes: 'blob' | 'bytea';
  /** The time of an old row, in Unix milliseconds; its line, in bytes. */
  readonly milliseconds: string;
  readonly line: string;
}

const SQLITE: Words = {
  key: 'integer',
  bytes: 'blob',
  milliseconds: "cast(round(unixepoch(r.at, 'subsec') * 1000) as integer)",
  line: 'cast(line as blob)',
};

const POSTGRES: Words = {
  key: 'bigserial',
  bytes: 'bytea',
  milliseconds: 'cast(round(extract(epoch from cast(r.at as timestamptz)) * 1000) as bigint)',
  line: "convert_to(line, 'UTF8')",
};

async function createTables({ schema }: Kysely<unknown>, { key, bytes }: Words): Promise<void> {
  await schema
    .createTable('audit_names')
    .addColumn('id', key, (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull().unique())
    .execute();
  await schema
    .createTable('audit_lines')
    .addColumn('id', key, (column) => column.primaryKey())
    .addColumn('journal', 'bigint', (column) => column.notNull())
    .addColumn('last_seq', 'bigint', (column) => column.notNull())
    .addColumn('lines', bytes, (column) => column.notNull())
    .execute();
  await schema
    .createTable('audit_entries')
    .addColumn('journal', 'bigint', (column) => column.notNull())
    .addColumn('seq', 'bigint', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('kind', 'bigint', (column) => column.notNull())
    .addColumn('request_id', 'text')
    .addColumn('tenant', 'bigint')
    .addColumn('region', 'bigint')
    .addColumn('bucket', 'bigint')
    .addColumn('operation', 'bigint')
    .addColumn('decision', 'bigint')
    .addColumn('outcome', 'bigint')
    .addColumn('lines', 'bigint', (column) => column.notNull())
    .addColumn('nth', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('audit_entries_place', ['journal', 'seq'])
    .execute();
  await schema
    .createTable('audit_progress')
    .addColumn('journal', 'bigint', (column) => column.primaryKey())
    .addColumn('seq', 'bigint', (column) => column.notNull())
    .addColumn('segment', 'integer', (column) => column.notNull())
    .addColumn('next_byte', 'bigint', (column) => column.notNull())
    .execute();
  for (const [table, ...columns] of INDEXES) {
    const name = `${table}_by_${columns[0]}`;
    await schema.createIndex(name).on(table).columns(columns).execute();
  }
}

/** What is searched for ends in the place, by which pages follow on each other. */
const INDEXES: readonly (readonly [table: string, ...columns: string[]])[] = [
  ['audit_lines', 'journal', 'last_seq'],
  ['audit_entries', 'at', 'journal', 'seq'],
  ['audit_entries', 'tenant', 'at', 'journal', 'seq'],
  ['audit_entries', 'bucket', 'at', 'journal', 'seq'],
  ['audit_entries', 'request_id'],
];

/** So many places at once that no statement reaches its time limit. */
const PLACES_AT_ONCE = 2_000;

async function carryOver(query: Kysely<unknown>, words: Words): Promise<void> {
  const journals = sql`select journal from audit_cursors union select journal from audit_records`;
  await sql`insert into audit_names (name) ${journals}`.execute(query);
  await sql`insert into audit_progress (journal, seq, segment, next_byte)
    select n.id, c.seq, c.segment, c.next_byte
    from audit_cursors c join audit_names n on n.name = c.journal`.execute(query);
  const { rows } = await sql<{ id: number; name: string; last: number }>`
    select n.id, n.name, max(r.seq) as last
    from audit_records r join audit_names n on n.name = r.journal group by n.id, n.name
  `.execute(query);
  for (const { id, name, last } of rows) {
    for (let from = 0; from < Number(last); from += PLACES_AT_ONCE) {
      await carryRecordsOver(query, { words, id, name, from });
    }
  }
}

interface Part {
  readonly words: Words;
  readonly id: number;
  readonly name: string;
  readonly from: number;
}

const NAMED = ['kind', 'tenant', 'region', 'bucket', 'operation', 'decision', 'outcome'] as const;

async function carryRecordsOver(query: Kysely<unknown>, part: Part): Promise<void> {
  const { words, id, name, from } = part;
  const to = from + PLACES_AT_ONCE;
  const here = sql`journal = ${name} and seq > ${from} and seq <= ${to}`;
  for (const column of NAMED) {
    await sql`insert into audit_names (name) select distinct ${sql.ref(column)}
      from audit_records where ${here} and ${sql.ref(column)} is not null
      on conflict (name) do nothing`.execute(query);
  }
  await sql`insert into audit_lines (journal, last_seq, lines)
    select cast(${id} as bigint), seq, ${sql.raw(words.line)}
    from audit_records where ${here}`.execute(query);
  const ids = NAMED.map(
    (column) => sql`(select id from audit_names where name = r.${sql.ref(column)})`,
  );
  const columns = sql.join(NAMED.map((column) => sql.ref(column)));
  await sql`insert into audit_entries (journal, seq, at, request_id, lines, nth, ${columns})
    select l.journal, r.seq, ${sql.raw(words.milliseconds)}, r.request_id, l.id, 0, ${sql.join(ids)}
    from audit_lines l join audit_records r on r.journal = ${name} and r.seq = l.last_seq
    where l.journal = ${id} and l.last_seq > ${from} and l.last_seq <= ${to}`.execute(query);
}
