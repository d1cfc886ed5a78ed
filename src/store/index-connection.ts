import type { DatabasePlace } from './database.ts';
import { createPool } from './postgres-pool.ts';
import { preparedStatements } from './prepared-statements.ts';
import { openIndexFile } from './sqlite-file.ts';

export type IndexValue = null | number | string | Uint8Array;

/** A row that was asked for; PostgreSQL tells large numbers as texts. */
export type IndexRow = Readonly<Record<string, unknown>>;

/** Rows that are inserted. */
export interface IndexRows {
  /** A statement with `values ?` in place of them. */
  readonly sql: string;
  readonly columns: number;
  /** Of one row behind the other. */
  readonly values: readonly IndexValue[];
}

/**
 * A connection that fills the index and nothing else, without a query builder: it works in a thread
 * of its own, whose memory counts. Parameters are written as `?`.
 */
export interface IndexConnection {
  ask(sql: string, values: readonly IndexValue[]): Promise<readonly IndexRow[]>;
  /** Insert any number of rows. */
  insert(rows: IndexRows): Promise<void>;
  /** All of it or nothing. */
  transaction(work: (connection: IndexConnection) => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

/**
 * @throws StoreRefusal when the URL cannot be read
 * @throws Error when the file cannot be opened
 */
export async function openIndexConnection(place: DatabasePlace): Promise<IndexConnection> {
  return place.kind === 'sqlite' ? sqliteConnection(place.path) : postgresConnection(place.url);
}

/** What has to be run to insert rows, so many at a time as long as there are so many. */
function* insertions({ sql, columns, values }: IndexRows, rowsAtOnce: number, rowsLeft: number) {
  const row = `(${Array(columns).fill('?').join(', ')})`;
  const size = (from: number) =>
    values.length - from >= rowsAtOnce * columns ? rowsAtOnce : rowsLeft;
  for (let from = 0; from < values.length; from += size(from) * columns) {
    const some = values.slice(from, from + size(from) * columns);
    const rows = Array(some.length / columns).fill(row);
    yield [sql.replace('values ?', `values ${rows.join(', ')}`), some] as const;
  }
}

/** More are hardly cheaper. */
const SQLITE_ROWS_AT_ONCE = 32;

function sqliteConnection(path: string): IndexConnection {
  const database = openIndexFile(path);
  const prepare = preparedStatements(database);
  const connection: IndexConnection = {
    ask: async (sql, values) => prepare(sql).all(...values),
    async insert(rows) {
      for (const [sql, values] of insertions(rows, SQLITE_ROWS_AT_ONCE, 1)) {
        prepare(sql).run(...values);
      }
    },
    async transaction(work) {
      database.exec('begin immediate');
      try {
        await work(connection);
        database.exec('commit');
      } catch (error) {
        if (database.isTransaction) database.exec('rollback');
        throw error;
      }
    },
    close: async () => database.close(),
  };
  return connection;
}

type Pool = Awaited<ReturnType<typeof createPool>>;

/** Far fewer parameters than PostgreSQL takes. */
const POSTGRES_ROWS_AT_ONCE = 512;

async function postgresConnection(url: Parameters<typeof createPool>[0]): Promise<IndexConnection> {
  const pool = await createPool(url);
  const over = (queries: Pick<Pool, 'query'>): Pick<IndexConnection, 'ask' | 'insert'> => ({
    ask: async (sql, values) => (await queries.query(numbered(sql), [...values])).rows,
    async insert(rows) {
      for (const [sql, values] of insertions(rows, POSTGRES_ROWS_AT_ONCE, POSTGRES_ROWS_AT_ONCE)) {
        await queries.query(numbered(sql), values as IndexValue[]);
      }
    },
  });
  const connection: IndexConnection = {
    ...over(pool),
    async transaction(work) {
      const client = await pool.connect();
      try {
        await client.query('begin');
        await work({ ...connection, ...over(client) });
        await client.query('commit');
        client.release();
      } catch (error) {
        // Whatever it was in the middle of: it is not used again.
        client.release(true);
        throw error;
      }
    },
    close: () => pool.end(),
  };
  return connection;
}

function numbered(sql: string): string {
  let number = 0;
  return sql.replaceAll('?', () => `$${++number}`);
}
