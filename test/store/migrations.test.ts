import { readFileSync } from 'node:fs';
import pg from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { lookAtDatabase, openDatabase } from '../../src/store/database.ts';
import type { SqlStatements } from '../../src/store/sql-connection.ts';
import {
  DATABASES,
  type DatabaseKind,
  freshDatabase,
  openedDatabase,
} from '../support/databases.ts';

/** Statements that tell, line by line, what a database says of its tables. */
const DESCRIPTION: Readonly<Record<DatabaseKind, readonly string[]>> = {
  sqlite: [`select replace(sql, '"', '') as line from sqlite_schema where sql is not null`],
  postgres: [
    `select concat_ws(' ', table_name, column_name, data_type, character_maximum_length,
        'default ' || column_default, case is_nullable when 'NO' then 'not null' end) as line
      from information_schema.columns where table_schema = current_schema()`,
    `select concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid)) as line
      from pg_constraint where connamespace = current_schema()::regnamespace and contype <> 'n'`,
    'select indexdef as line from pg_indexes where schemaname = current_schema()',
  ],
};

async function described({ kind, ask }: SqlStatements): Promise<string> {
  const lines: string[] = [];
  for (const sql of DESCRIPTION[kind]) {
    const rows = await ask<{ line: string }>(sql);
    // Where a statement was broken into lines is nothing that it says.
    lines.push(
      ...rows
        .map(({ line }) => line.replaceAll(/\s+/g, ' ').replaceAll(/(?<=\() | (?=\))/g, ''))
        .sort(),
    );
  }
  return `${lines.join('\n')}\n`;
}

const TABLES = [
  ...['policy_versions', 'revocations', 'revocation_changes'],
  ...['audit_entries', 'audit_lines', 'audit_names', 'audit_progress'],
];

const EXECUTED = 'select name, timestamp from slimgate_migrations order by timestamp, name';

describe.for(DATABASES)('on %s', (kind) => {
  test('the tables are those that every version before has made', async () => {
    const { connection } = await openedDatabase(await freshDatabase(kind));
    const tables = new URL(`../vectors/tables-${kind}.txt`, import.meta.url);
    expect(await described(connection)).toBe(readFileSync(tables, 'utf8'));
    expect(await connection.ask('select * from slimgate_migrations_lock')).toEqual([
      { id: 'migration_lock', is_locked: 0 },
    ]);
  });

  test('what has run is recorded, in its order and with its time', async () => {
    const { connection } = await openedDatabase(await freshDatabase(kind));
    const executed = await connection.ask<{ name: string; timestamp: string }>(EXECUTED);
    expect(executed.map(({ name }) => name)).toEqual([
      '0001-policy-versions',
      '0002-revocations',
      '0003-audit-records',
      '0004-audit-index',
    ]);
    for (const { timestamp } of executed) {
      expect(new Date(timestamp).toISOString()).toBe(timestamp);
      expect(Math.abs(Date.parse(timestamp) - Date.now())).toBeLessThan(600_000);
    }
  });

  test('what runs after a time that is still to come is recorded with that', async () => {
    const options = await freshDatabase(kind);
    const { connection } = await openedDatabase(options);
    const { ask } = connection;
    for (const table of TABLES) await ask(`drop table ${table}`);
    const ahead = '2999-01-01T00:00:00.000Z';
    await ask('delete from slimgate_migrations');
    await ask(`insert into slimgate_migrations values ('0001-policy-versions', '${ahead}')`);
    await openedDatabase(options);
    const executed = await ask<{ name: string; timestamp: string }>(EXECUTED);
    expect(executed.map(({ name }) => name.slice(0, 4))).toEqual(['0001', '0002', '0003', '0004']);
    expect(new Set(executed.map(({ timestamp }) => timestamp))).toEqual(new Set([ahead]));
  });

  test.for([
    {
      name: 'one in the middle is not recorded',
      damage: "delete from slimgate_migrations where name = '0002-revocations'",
      says: 'corrupted migrations: expected previously executed migration 0003-audit-records to be at index 1 but 0002-revocations was found in its place',
    },
    {
      name: 'the order of their times is another',
      damage: `update slimgate_migrations set timestamp = '2999-01-01T00:00:00.000Z'
        where name = '0001-policy-versions'`,
      says: 'corrupted migrations: expected previously executed migration 0002-revocations to be at index 0 but 0001-policy-versions was found in its place',
    },
    {
      name: 'a time is none',
      damage: "update slimgate_migrations set timestamp = 'x' where name = '0003-audit-records'",
      says: 'corrupted migrations: previously executed migration 0003-audit-records has an invalid timestamp x',
    },
  ])('a database is refused when of what has run $name', async ({ damage, says }) => {
    const options = await freshDatabase(kind);
    const { connection } = await openedDatabase(options);
    await connection.ask(damage);
    for (const open of [openDatabase, lookAtDatabase]) {
      await expect(open(options)).rejects.toThrow(`cannot be used:\n  ${says}`);
    }
  });
});

test('who migrates waits for who holds the lock, which is that of programs from before', async () => {
  const options = await freshDatabase('postgres');
  const before = new pg.Client({ connectionString: options.url?.reveal() });
  await before.connect();
  onTestFinished(() => before.end());
  await before.query('select pg_advisory_lock(3853314791062309107)');
  let isOpened = false;
  const opening = openedDatabase(options).then(() => {
    isOpened = true;
  });
  const waiting = `select 1 from pg_locks join pg_database d on d.oid = database
    where datname = current_database() and locktype = 'advisory' and not granted`;
  await expect.poll(async () => (await before.query(waiting)).rowCount).toBe(1);
  expect(isOpened).toBe(false);
  await before.query('select pg_advisory_unlock(3853314791062309107)');
  await opening;
});
