import { insertions, type SqlConnection, type SqlStatements } from './sql-connection.ts';
import type { Sqlite } from './sqlite-order.ts';

/** More are hardly cheaper. */
const ROWS_AT_ONCE = { most: 32, left: 1 };
/**
 * A row that is refused ends the transaction, which would come to nothing all the same. To be able
 * to take back one statement alone, SQLite would keep a copy of each page that it changes.
 * Source: SQLite documentation, "Temporary Files Used By SQLite", section 2.3.
 */
const INSERT_INTO = 'insert or rollback into';

/** One connection to SQLite, which one has at a time: a statement, or a transaction to its end. */
export function sqliteConnection(sqlite: Sqlite): SqlConnection {
  const inTurn = turns();
  const run = async (sql: string) => void (await sqlite.fulfil({ sql, values: [] }));
  const inside: SqlStatements = {
    kind: 'sqlite',
    // The statement's text says so, to who wrote it.
    ask: async <Row>(sql: string, values = NO_VALUES) =>
      (await sqlite.fulfil({ sql, values })) as readonly Row[],
    async insert(rows) {
      for (const [sql, values] of insertions(rows, ROWS_AT_ONCE)) {
        await sqlite.fulfil({ sql: sql.replace('insert into', INSERT_INTO), values });
      }
    },
  };
  return {
    kind: 'sqlite',
    ask: (sql, values) => inTurn(() => inside.ask(sql, values)),
    insert: (rows) => inTurn(() => inside.insert(rows)),
    transaction: (work) =>
      inTurn(async () => {
        // A transaction that becomes a writing one midway fails at once where another process writes;
        // one that begins so waits for it. Source: SQLite documentation, "BEGIN TRANSACTION".
        await run('begin immediate');
        try {
          const result = await work(inside);
          await run('commit');
          return result;
        } catch (error) {
          // SQLite may have done it already.
          await run('rollback').catch(() => undefined);
          throw error;
        }
      }),
    close: () => inTurn(() => sqlite.close()),
  };
}

const NO_VALUES: readonly never[] = [];

/** Each begins when the one before has ended, however that was. */
function turns(): <Result>(work: () => Promise<Result>) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve();
  return function inTurn(work) {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  };
}
