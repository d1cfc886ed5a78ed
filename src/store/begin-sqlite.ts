import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { SqlConnection } from './sql-connection.ts';
import { sqliteConnection } from './sqlite-connection.ts';
import { openSqliteInThread } from './sqlite-thread.ts';

/** Where SQLite's file is. */
export function sqlitePath(stateDirectory: string): string {
  return join(stateDirectory, 'slimgate.db');
}

/**
 * Begin to open SQLite in its thread, and to bring its tables up to date; what the thread does needs
 * nothing else of this program, and goes on while that is loaded.
 * @throws StoreRefusal as openSqliteInThread
 */
export async function beginSqlite(stateDirectory: string): Promise<SqlConnection> {
  mkdirSync(stateDirectory, { recursive: true });
  return sqliteConnection(await openSqliteInThread(sqlitePath(stateDirectory)));
}
