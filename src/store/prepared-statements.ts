import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** Statements that come again and again; what comes beyond so many begins the memory anew. */
const MAX_PREPARED = 64;

/** Prepare each statement of a database once, by its text. */
export function preparedStatements(database: DatabaseSync): (sql: string) => StatementSync {
  const statements = new Map<string, StatementSync>();
  return function prepare(sql) {
    const statement = statements.get(sql) ?? database.prepare(sql);
    if (statements.size >= MAX_PREPARED) statements.clear();
    statements.set(sql, statement);
    return statement;
  };
}
