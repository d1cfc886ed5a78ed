import type { LargeNumber, SqlStatements } from '../sql-connection.ts';

/**
 * The index of the journals in few bytes: texts that come again and again are numbers, and lines
 * are kept many at a time, compressed. What the index has is carried over, since what was pruned
 * from a journal is in no file any more.
 */
export async function up(statements: SqlStatements): Promise<void> {
  const words = WORDS[statements.kind];
  await createTables(statements, words);
  await carryOver(statements, words);
  await statements.ask('drop table audit_records');
  await statements.ask('drop table audit_cursors');
}

interface Words {
  /** Of a number that the database gives. */
  readonly key: string;
  readonly bytes: string;
  /** The time of an old row, in Unix milliseconds; its line, in bytes. */
  readonly milliseconds: string;
  readonly line: string;
}

const WORDS: Readonly<Record<SqlStatements['kind'], Words>> = {
  sqlite: {
    key: 'integer',
    bytes: 'blob',
    milliseconds: "cast(round(unixepoch(r.at, 'subsec') * 1000) as integer)",
    line: 'cast(line as blob)',
  },
  postgres: {
    key: 'bigserial',
    bytes: 'bytea',
    milliseconds: 'cast(round(extract(epoch from cast(r.at as timestamptz)) * 1000) as bigint)',
    line: "convert_to(line, 'UTF8')",
  },
};

async function createTables({ ask }: SqlStatements, { key, bytes }: Words): Promise<void> {
  // Never removed: what has a number keeps it.
  await ask(`create table audit_names (
    id ${key} primary key,
    name text not null unique
  )`);
  // Lines as they stand in the journal, those of up to 96 records: joined by line feeds and
  // compressed with Zstandard, or one line as it is. `last_seq` is of the last record.
  await ask(`create table audit_lines (
    id ${key} primary key,
    journal bigint not null,
    last_seq bigint not null,
    lines ${bytes} not null
  )`);
  // A record, found by its members, most of which are numbers of names; `at` is Unix milliseconds.
  // Its line is the `nth`, from 0, of `lines`.
  await ask(`create table audit_entries (
    journal bigint not null,
    seq bigint not null,
    at bigint not null,
    kind bigint not null,
    request_id text,
    tenant bigint,
    region bigint,
    bucket bigint,
    operation bigint,
    decision bigint,
    outcome bigint,
    lines bigint not null,
    nth integer not null,
    constraint audit_entries_place primary key (journal, seq)
  )`);
  // How far a journal is in the index.
  await ask(`create table audit_progress (
    journal bigint primary key,
    seq bigint not null,
    segment integer not null,
    next_byte bigint not null
  )`);
  await ask('create index audit_lines_by_journal on audit_lines (journal, last_seq)');
  // What is searched for ends in the place, by which pages follow on each other.
  await ask('create index audit_entries_by_at on audit_entries (at, journal, seq)');
  await ask('create index audit_entries_by_tenant on audit_entries (tenant, at, journal, seq)');
  await ask('create index audit_entries_by_bucket on audit_entries (bucket, at, journal, seq)');
  await ask('create index audit_entries_by_request_id on audit_entries (request_id)');
}

/** So many places at once that no statement reaches its time limit. */
const PLACES_AT_ONCE = 2_000;

interface OldJournal {
  readonly id: LargeNumber;
  readonly name: string;
  readonly last: LargeNumber;
}

async function carryOver(statements: SqlStatements, words: Words): Promise<void> {
  const { ask } = statements;
  await ask(`insert into audit_names (name)
    select journal from audit_cursors union select journal from audit_records`);
  await ask(`insert into audit_progress (journal, seq, segment, next_byte)
    select n.id, c.seq, c.segment, c.next_byte
    from audit_cursors c join audit_names n on n.name = c.journal`);
  const journals = await ask<OldJournal>(`select n.id, n.name, max(r.seq) as last
    from audit_records r join audit_names n on n.name = r.journal group by n.id, n.name`);
  for (const { id, name, last } of journals) {
    for (let from = 0; from < Number(last); from += PLACES_AT_ONCE) {
      await carryRecordsOver(statements, { words, id, name, from });
    }
  }
}

interface Part {
  readonly words: Words;
  readonly id: LargeNumber;
  readonly name: string;
  readonly from: number;
}

const NAMED = ['kind', 'tenant', 'region', 'bucket', 'operation', 'decision', 'outcome'] as const;

async function carryRecordsOver({ ask }: SqlStatements, part: Part): Promise<void> {
  const { words, id, name, from } = part;
  const to = from + PLACES_AT_ONCE;
  const here = 'journal = ? and seq > ? and seq <= ?';
  for (const column of NAMED) {
    const names = `insert into audit_names (name) select distinct ${column}
      from audit_records where ${here} and ${column} is not null on conflict (name) do nothing`;
    await ask(names, [name, from, to]);
  }
  const lines = `insert into audit_lines (journal, last_seq, lines)
    select cast(? as bigint), seq, ${words.line} from audit_records where ${here}`;
  await ask(lines, [id, name, from, to]);
  const ids = NAMED.map((column) => `(select id from audit_names where name = r.${column})`);
  const entries = `insert into audit_entries
    (journal, seq, at, request_id, lines, nth, ${NAMED.join(', ')})
    select l.journal, r.seq, ${words.milliseconds}, r.request_id, l.id, 0, ${ids.join(', ')}
    from audit_lines l join audit_records r on r.journal = ? and r.seq = l.last_seq
    where l.journal = ? and l.last_seq > ? and l.last_seq <= ?`;
  await ask(entries, [name, id, from, to]);
}
