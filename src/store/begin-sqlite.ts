import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { SqliteConnection } from './sqlite-order.ts';
import { openSqliteInThread } from './sqlite-thread.ts';

/** Where SQLite's file is. */
export function sqlitePath(stateDirectory: string): string {
  return join(stateDirectory, 'slimgate.db');
}

/**
 * Begin to open SQLite in its thread; what the thread does needs nothing else of this program, and
 * goes on while that is loaded.
 */
export function beginSqlite(stateDirectory: string): Promise<SqliteConnection> {
  mkdirSync(stateDirectory, { recursive: true });
  return openSqliteInThread(sqlitePath(stateDirectory));
}
