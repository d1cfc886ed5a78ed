import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { type Dialect, Kysely, PostgresDialect, sql } from 'kysely';
import { ConfigurationError } from '../errors.ts';
import type { Secret } from '../secret.ts';
import { beginSqlite, sqlitePath } from './begin-sqlite.ts';
import { migrate, missingMigrations } from './migrations.ts';
import { type Listener, type ListenOptions, listen } from './notices.ts';
import { createPool } from './postgres-pool.ts';
import { StoreRefusal } from './refusal.ts';
import { sqliteDialect } from './sqlite-dialect.ts';
import { openSqliteDirectly } from './sqlite-direct.ts';
import type { SqliteConnection } from './sqlite-order.ts';
import type { Tables } from './tables.ts';

/** The gateway's database: SQLite in a file of ours, or PostgreSQL shared with other replicas. */
export interface Database {
  readonly kind: 'sqlite' | 'postgres';
  /** For who needs connections of its own. */
  readonly place: DatabasePlace;
  /** For the files of this room, where all queries are. */
  readonly query: Kysely<Tables>;
  /** Hear at once what others tell; SQLite tells nothing, so it is polling that must be relied on. */
  listen(options: ListenOptions): Listener;
}

/** Where a database is: the path of its file, or its URL. */
export type DatabasePlace =
  | { readonly kind: 'sqlite'; readonly path: string }
  | { readonly kind: 'postgres'; readonly url: Secret };

export interface DatabaseOptions {
  /** Of PostgreSQL; null: an SQLite file in the state directory. */
  readonly url: Secret | null;
  readonly stateDirectory: string;
  /** False: SQLite works in the calling thread, which is quicker to open. True unless given. */
  readonly isInThread?: boolean;
  /** What `beginSqlite` has begun in that state directory. */
  readonly begun?: Promise<SqliteConnection> | undefined;
}

/**
 * Open the database and bring its tables up to date.
 * @throws ConfigurationError when it cannot be reached, or is not fit: damaged, not ours, or newer.
 * It is left as it is then.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { url, stateDirectory, isInThread = true, begun } = options;
  if (url !== null) {
    const query = await open('of DATABASE_URL', () => postgresDialect(url));
    const place = { kind: 'postgres', url } as const;
    return { kind: 'postgres', place, query, listen: (channel) => listen(url, channel) };
  }
  const path = sqlitePath(stateDirectory);
  await mkdir(stateDirectory, { recursive: true });
  const connect = () =>
    begun ?? (isInThread ? beginSqlite(stateDirectory) : openSqliteDirectly(path));
  const query = await open(path, async () => sqliteDialect(await connect()));
  const place = { kind: 'sqlite', path } as const;
  return { kind: 'sqlite', place, query, listen: () => ({ close: async () => undefined }) };
}

/** A database as it is found. */
export interface DatabaseLook {
  readonly kind: Database['kind'];
  /** Null: there is none yet; the first start makes it. */
  readonly found: {
    /** The names of the changes of its tables that the next start would make. */
    readonly missing: readonly string[];
    /** For one question and its answer. */
    readonly roundTripMs: number;
  } | null;
}

/**
 * Look at the database without changing it.
 * @throws ConfigurationError as openDatabase
 */
export async function lookAtDatabase({
  url,
  stateDirectory,
}: DatabaseOptions): Promise<DatabaseLook> {
  if (url !== null) return look('postgres', 'of DATABASE_URL', () => postgresDialect(url));
  const path = sqlitePath(stateDirectory);
  if (!existsSync(path)) return { kind: 'sqlite', found: null };
  return look('sqlite', path, async () => sqliteDialect(await openSqliteDirectly(path)));
}

async function look(
  kind: Database['kind'],
  name: string,
  dialectOf: () => Promise<Dialect>,
): Promise<DatabaseLook> {
  return using(name, dialectOf, async (query) => {
    const missing = await missingMigrations(query);
    const startedAt = performance.now();
    await sql`select 1`.execute(query);
    const roundTripMs = performance.now() - startedAt;
    await query.destroy();
    return { kind, found: { missing, roundTripMs } };
  });
}

export async function closeDatabase({ query }: Database): Promise<void> {
  await query.destroy();
}

function open(name: string, dialectOf: () => Promise<Dialect>): Promise<Kysely<Tables>> {
  return using(name, dialectOf, async (query) => {
    await migrate(query);
    return query;
  });
}

/** What fails here leaves nothing open. */
async function using<Result>(
  name: string,
  dialectOf: () => Promise<Dialect>,
  use: (query: Kysely<Tables>) => Promise<Result>,
): Promise<Result> {
  let query: Kysely<Tables> | null = null;
  try {
    query = new Kysely<Tables>({ dialect: await dialectOf() });
    return await use(query);
  } catch (error) {
    await query?.destroy();
    throw new ConfigurationError(`the database ${name} cannot be used`, [problemOf(error)]);
  }
}

async function postgresDialect(url: Secret): Promise<Dialect> {
  return new PostgresDialect({ pool: await createPool(url) });
}

/** One line; of several addresses that were tried, the last one's. */
function problemOf(error: unknown): string {
  if (error instanceof StoreRefusal) return error.message;
  const cause = error instanceof AggregateError ? (error.errors.at(-1) ?? error) : error;
  const message = cause instanceof Error ? cause.message : String(cause);
  return message.split('\n')[0] ?? message;
}
