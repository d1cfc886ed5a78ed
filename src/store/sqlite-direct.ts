import type { DatabaseSync } from 'node:sqlite';
import { openSqliteFile } from './sqlite-file.ts';
import {
  type SqliteConnection,
  SqliteFailure,
  type SqliteOrder,
  type SqliteResult,
} from './sqlite-order.ts';

/**
 * SQLite in the calling thread, which stands still while it works: for programs that have nothing
 * else to do.
 * @throws StoreRefusal as openSqliteFile
 */
export async function openSqliteDirectly(path: string): Promise<SqliteConnection> {
  const database = openSqliteFile(path);
  return {
    ask: async (order) => fulfilOrder(order, database),
    close: async () => database.close(),
  };
}

/** @throws SqliteFailure */
export function fulfilOrder(
  { sql, parameters }: SqliteOrder,
  database: DatabaseSync,
): SqliteResult {
  try {
    const statement = database.prepare(sql);
    if (statement.columns().length > 0) return { rows: statement.all(...parameters), changes: 0 };
    return { rows: [], changes: Number(statement.run(...parameters).changes) };
  } catch (error) {
    const { message, errcode = null } = error as Error & { errcode?: number };
    throw new SqliteFailure(message, errcode);
  }
}
