import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { ConfigurationError } from '../errors.ts';
import type { Secret } from '../secret.ts';
import { beginSqlite, sqlitePath } from './begin-sqlite.ts';
import { migrate, missingMigrations } from './migrations.ts';
import { type Listener, type ListenOptions, listen } from './notices.ts';
import { openPostgres } from './postgres-connection.ts';
import { StoreRefusal } from './refusal.ts';
import type { SqlConnection } from './sql-connection.ts';
import { sqliteConnection } from './sqlite-connection.ts';
import { directSqlite } from './sqlite-direct.ts';
import { openSqliteFile } from './sqlite-file.ts';

/** The gateway's database: SQLite in a file of ours, or PostgreSQL shared with other replicas. */
export interface Database {
  /** For who needs connections of its own. */
  readonly place: DatabasePlace;
  /** For the files of this room, where all queries are. */
  readonly connection: SqlConnection;
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
  readonly begun?: Promise<SqlConnection> | undefined;
}

/**
 * Open the database and bring its tables up to date.
 * @throws ConfigurationError when it cannot be reached, or is not fit: damaged, not ours, or newer.
 * It is left as it is then.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { url, stateDirectory, isInThread = true, begun } = options;
  if (url !== null) {
    const connection = await open('of DATABASE_URL', () => openPostgres(url));
    const place = { kind: 'postgres', url } as const;
    return { place, connection, listen: (channel) => listen(url, channel) };
  }
  const path = sqlitePath(stateDirectory);
  await mkdir(stateDirectory, { recursive: true });
  const inThread = begun ?? (isInThread ? beginSqlite(stateDirectory) : null);
  const connection = await (inThread === null
    ? open(path, () => openDirectly(path))
    : using(path, () => inThread, keep));
  const place = { kind: 'sqlite', path } as const;
  return { place, connection, listen: () => ({ close: async () => undefined }) };
}

/** A database as it is found. */
export interface DatabaseLook {
  readonly kind: SqlConnection['kind'];
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
  if (url !== null) return look('of DATABASE_URL', () => openPostgres(url));
  const path = sqlitePath(stateDirectory);
  if (!existsSync(path)) return { kind: 'sqlite', found: null };
  return look(path, () => openDirectly(path));
}

function look(name: string, connect: Connect): Promise<DatabaseLook> {
  return using(name, connect, async (connection) => {
    const missing = await missingMigrations(connection);
    const startedAt = performance.now();
    await connection.ask('select 1');
    const roundTripMs = performance.now() - startedAt;
    await connection.close();
    return { kind: connection.kind, found: { missing, roundTripMs } };
  });
}

export async function closeDatabase({ connection }: Database): Promise<void> {
  await connection.close();
}

function open(name: string, connect: Connect): Promise<SqlConnection> {
  return using(name, connect, async (connection) => {
    await migrate(connection);
    return connection;
  });
}

/** A thread has brought the tables up to date already. */
async function keep(connection: SqlConnection): Promise<SqlConnection> {
  return connection;
}

type Connect = () => Promise<SqlConnection>;

async function openDirectly(path: string): Promise<SqlConnection> {
  return sqliteConnection(directSqlite(openSqliteFile(path)));
}

/** What fails here leaves nothing open. */
async function using<Result>(
  name: string,
  connect: Connect,
  use: (connection: SqlConnection) => Promise<Result>,
): Promise<Result> {
  let connection: SqlConnection | null = null;
  try {
    connection = await connect();
    return await use(connection);
  } catch (error) {
    await connection?.close();
    throw new ConfigurationError(`the database ${name} cannot be used`, [problemOf(error)]);
  }
}

/** One line; of several addresses that were tried, the last one's. */
function problemOf(error: unknown): string {
  if (error instanceof StoreRefusal) return error.message;
  const cause = error instanceof AggregateError ? (error.errors.at(-1) ?? error) : error;
  const message = cause instanceof Error ? cause.message : String(cause);
  return message.split('\n')[0] ?? message;
}
