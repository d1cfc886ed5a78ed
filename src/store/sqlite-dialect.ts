import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { SqliteConnection, SqliteValue } from './sqlite-order.ts';

/** Kysely's SQLite over a connection of ours. */
export function sqliteDialect(sqlite: SqliteConnection): Dialect {
  return {
    createDriver: () => driverOf(sqlite),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createAdapter: () => new TransactionalAdapter(),
    createIntrospector: (query) => new SqliteIntrospector(query),
  };
}

/** SQLite changes tables in transactions as it changes rows: so migrations are all or nothing. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/** One connection, which Kysely gives to one at a time. */
function driverOf(sqlite: SqliteConnection): Driver {
  const connection = connectionOf(sqlite);
  const run = async (command: string) => {
    await connection.executeQuery(CompiledQuery.raw(command));
  };
  return {
    init: async () => undefined,
    acquireConnection: async () => connection,
    // A transaction that becomes a writing one midway fails at once where another process writes;
    // one that begins so waits for it. Source: SQLite documentation, "BEGIN TRANSACTION".
    beginTransaction: () => run('begin immediate'),
    commitTransaction: () => run('commit'),
    rollbackTransaction: () => run('rollback'),
    releaseConnection: async () => undefined,
    destroy: () => sqlite.close(),
  };
}

function connectionOf(sqlite: SqliteConnection): DatabaseConnection {
  return {
    async executeQuery<Row>({ sql, parameters }: CompiledQuery) {
      // Columns are texts, numbers and bytes; another value is refused by SQLite.
      const values = parameters as readonly SqliteValue[];
      const { rows, changes } = await sqlite.ask({ sql, parameters: values });
      // What Kysely has typed is what it asked for.
      return { rows: rows as Row[], numAffectedRows: BigInt(changes) };
    },
    // biome-ignore lint/correctness/useYield: there is nothing to yield; the type asks for it.
    async *streamQuery() {
      throw new Error('rows are not streamed; ask for them page by page');
    },
  };
}
