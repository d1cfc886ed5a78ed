import { up as policyVersions } from './migrations/0001-policy-versions.ts';
import { up as revocations } from './migrations/0002-revocations.ts';
import { up as auditRecords } from './migrations/0003-audit-records.ts';
import { up as auditIndex } from './migrations/0004-audit-index.ts';
import { StoreRefusal } from './refusal.ts';
import type { SqlConnection, SqlStatements } from './sql-connection.ts';

/** Every migration by its name, in the order of their names. What has shipped is never changed. */
const MIGRATIONS: ReadonlyMap<string, (statements: SqlStatements) => Promise<void>> = new Map([
  ['0001-policy-versions', policyVersions],
  ['0002-revocations', revocations],
  ['0003-audit-records', auditRecords],
  ['0004-audit-index', auditIndex],
]);

/** Words that are each database's own. */
interface Words {
  readonly isRecordThere: string;
  /** ISO 8601 in UTC. */
  readonly now: string;
  /** Lets one who migrates wait for the other; none where a transaction does. */
  readonly lock: string | null;
}

const WORDS: Readonly<Record<SqlStatements['kind'], Words>> = {
  sqlite: {
    isRecordThere: "select 1 from sqlite_schema where name = 'slimgate_migrations'",
    now: "strftime('%Y-%m-%dT%H:%M:%fZ')",
    lock: null,
  },
  postgres: {
    isRecordThere: "select 1 where to_regclass('slimgate_migrations') is not null",
    now: `to_char(clock_timestamp() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`,
    // The number that programs from before lock too.
    lock: `with no_limit as (select set_config('lock_timeout', '0', true))
      select pg_advisory_xact_lock(3853314791062309107) from no_limit`,
  },
};

/**
 * Bring the tables to what this program knows; processes that do it at once do it one by one.
 * @throws StoreRefusal as missingMigrations; nothing has been changed then
 */
export async function migrate(connection: SqlConnection): Promise<void> {
  if ((await missingMigrations(connection)).length === 0) return;
  await createRecord(connection);
  await connection.transaction(async (inside) => {
    const { lock, now } = WORDS[inside.kind];
    if (lock !== null) await inside.ask(lock);
    const missing = await missingMigrations(inside);
    for (const [name, up] of MIGRATIONS) {
      if (!missing.includes(name)) continue;
      await up(inside);
      // Never before the one in front of it, whatever the clock says: their order is by their times.
      await inside.ask(
        `insert into slimgate_migrations (name, timestamp) select ?, max(time) from
          (select ${now} as time union all select timestamp from slimgate_migrations) as times`,
        [name],
      );
    }
  });
}

/** What has run is recorded in the first; programs from before look for the row of the second. */
const RECORD = [
  `create table if not exists slimgate_migrations (
    name varchar(255) not null primary key,
    timestamp varchar(255) not null
  )`,
  `create table if not exists slimgate_migrations_lock (
    id varchar(255) not null primary key,
    is_locked integer default 0 not null
  )`,
  `insert into slimgate_migrations_lock (id, is_locked) values ('migration_lock', 0)
    on conflict (id) do nothing`,
];

async function createRecord({ ask }: SqlStatements): Promise<void> {
  for (const sql of RECORD) {
    // Of two who make a table at once, PostgreSQL refuses one: it is there then.
    await ask(sql).catch(() => ask(sql));
  }
}

/**
 * What migrate would do.
 * @throws StoreRefusal when a newer program was here, or the record of what has run is that of none
 */
export async function missingMigrations(statements: SqlStatements): Promise<string[]> {
  const executed = await namesOfExecuted(statements);
  const strange = executed.filter((name) => !MIGRATIONS.has(name));
  if (strange.length > 0) {
    throw new StoreRefusal(
      `a newer Slimgate has changed its tables (\`${strange.join('`, `')}\`); start that version`,
    );
  }
  const names = [...MIGRATIONS.keys()];
  const index = executed.findIndex((name, nth) => name !== names[nth]);
  if (index !== -1) {
    throw new StoreRefusal(
      `corrupted migrations: expected previously executed migration ${executed[index]} to be at index ${index} but ${names[index]} was found in its place`,
    );
  }
  return names.slice(executed.length);
}

interface Executed {
  readonly name: string;
  readonly timestamp: string;
}

async function namesOfExecuted({ kind, ask }: SqlStatements): Promise<string[]> {
  if ((await ask(WORDS[kind].isRecordThere)).length === 0) return [];
  const executed = await ask<Executed>(
    'select name, timestamp from slimgate_migrations order by timestamp, name',
  );
  const timeless = executed.find(({ timestamp }) => Number.isNaN(Date.parse(timestamp)));
  if (timeless !== undefined) {
    throw new StoreRefusal(
      `corrupted migrations: previously executed migration ${timeless.name} has an invalid timestamp ${timeless.timestamp}`,
    );
  }
  return executed.map(({ name }) => name);
}
