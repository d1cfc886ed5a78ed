import type { DatabaseSync } from 'node:sqlite';
import { preparedStatements } from './prepared-statements.ts';
import { type Sqlite, SqliteFailure } from './sqlite-order.ts';

/**
 * SQLite in the calling thread, which stands still while it works: for programs and threads that
 * have nothing else to do.
 */
export function directSqlite(database: DatabaseSync): Sqlite {
  const prepare = preparedStatements(database);
  return {
    async fulfil({ sql, values }) {
      try {
        return prepare(sql).all(...values);
      } catch (error) {
        const { message, errcode = null } = error as Error & { errcode?: number };
        throw new SqliteFailure(message, errcode);
      }
    },
    async close() {
      if (database.isOpen) database.close();
    },
  };
}
