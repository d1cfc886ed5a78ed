import type { Pool, PoolClient } from 'pg';
import type { Secret } from '../secret.ts';
import { createPool } from './postgres-pool.ts';
import { insertions, type SqlConnection, type SqlStatements } from './sql-connection.ts';

/**
 * PostgreSQL over a pool of connections, of which a transaction has one for itself.
 * @throws StoreRefusal when the URL cannot be read
 */
export async function openPostgres(url: Secret): Promise<SqlConnection> {
  const pool = await createPool(url);
  return {
    ...statementsOver(pool),
    async transaction(work) {
      const client = await pool.connect();
      try {
        await client.query('begin');
        const result = await work(statementsOver(client));
        const { command } = await client.query('commit');
        // Source: PostgreSQL documentation, "COMMIT": of one that has failed it makes a rollback.
        if (command !== 'COMMIT') throw new Error('the transaction was rolled back');
        client.release();
        return result;
      } catch (error) {
        // Whatever it is in the middle of, when it cannot be rolled back: it is not used again.
        const isLost = client.query('rollback').then(
          () => false,
          () => true,
        );
        client.release(await isLost);
        throw error;
      }
    },
    async close() {
      if (!pool.ending) await pool.end();
    },
  };
}

/** Far fewer parameters than PostgreSQL takes. */
const ROWS_AT_ONCE = { most: 512, left: 512 };

function statementsOver(queries: Pool | PoolClient): SqlStatements {
  return {
    kind: 'postgres',
    ask: async (sql, values = []) => (await queries.query(numbered(sql), [...values])).rows,
    async insert(rows) {
      for (const [sql, values] of insertions(rows, ROWS_AT_ONCE)) {
        await queries.query(numbered(sql), [...values]);
      }
    },
  };
}

function numbered(sql: string): string {
  let number = 0;
  return sql.replaceAll('?', () => `$${++number}`);
}
