import type { StatementSync } from 'node:sqlite';
import { preparedStatements } from './prepared-statements.ts';
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
  const prepare = preparedStatements(database);
  return {
    ask: async (order) => fulfilOrder(order, prepare),
    close: async () => database.close(),
  };
}

/** @throws SqliteFailure */
function fulfilOrder(
  { sql, parameters }: SqliteOrder,
  prepare: (sql: string) => StatementSync,
): SqliteResult {
  try {
    const statement = prepare(sql);
    if (statement.columns().length > 0) return { rows: statement.all(...parameters), changes: 0 };
    return { rows: [], changes: Number(statement.run(...parameters).changes) };
  } catch (error) {
    const { message, errcode = null } = error as Error & { errcode?: number };
    throw new SqliteFailure(message, errcode);
  }
}
