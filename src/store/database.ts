import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Dialect, Kysely, PostgresDialect } from 'kysely';
import { ConfigurationError } from '../errors.ts';
import type { Secret } from '../secret.ts';
import { migrate } from './migrations.ts';
import { createPool } from './postgres-pool.ts';
import { StoreRefusal } from './refusal.ts';
import { sqliteDialect } from './sqlite-dialect.ts';
import { openSqliteDirectly } from './sqlite-direct.ts';
import { openSqliteInThread } from './sqlite-thread.ts';
import type { Tables } from './tables.ts';

/** The gateway's database: SQLite in a file of ours, or PostgreSQL shared with other replicas. */
export interface Database {
  readonly kind: 'sqlite' | 'postgres';
  /** For the files of this room, where all queries are. */
  readonly query: Kysely<Tables>;
}

export interface DatabaseOptions {
  /** Of PostgreSQL; null: an SQLite file in the state directory. */
  readonly url: Secret | null;
  readonly stateDirectory: string;
  /** False: SQLite works in the calling thread, which is quicker to open. True unless given. */
  readonly isInThread?: boolean;
}

const FILE = 'slimgate.db';

/**
 * Open the database and bring its tables up to date.
 * @throws ConfigurationError when it cannot be reached, or is not fit: damaged, not ours, or newer.
 * It is left as it is then.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { url, stateDirectory, isInThread = true } = options;
  if (url !== null) return open('postgres', 'of DATABASE_URL', () => postgresDialect(url));
  const path = join(stateDirectory, FILE);
  await mkdir(stateDirectory, { recursive: true });
  const connect = isInThread ? openSqliteInThread : openSqliteDirectly;
  return open('sqlite', path, async () => sqliteDialect(await connect(path)));
}

export async function closeDatabase({ query }: Database): Promise<void> {
  await query.destroy();
}

async function open(
  kind: Database['kind'],
  name: string,
  dialectOf: () => Promise<Dialect>,
): Promise<Database> {
  let query: Kysely<Tables> | null = null;
  try {
    query = new Kysely<Tables>({ dialect: await dialectOf() });
    await migrate(query);
    return { kind, query };
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
