import type { Client, Pool } from 'pg';
import type { Secret } from '../secret.ts';
import { StoreRefusal } from './refusal.ts';

/** Time to get a connection, and for a query, in milliseconds. */
const CONNECT_TIMEOUT_MS = 2_000;
const QUERY_TIMEOUT_MS = 5_000;
const MAX_CONNECTIONS = 8;

/**
 * Connections to PostgreSQL; none is made yet. A connection that breaks while nobody uses it is
 * replaced when one is needed.
 * @throws StoreRefusal when the URL cannot be read
 */
export async function createPool(url: Secret): Promise<Pool> {
  const { default: pg } = await import('pg');
  try {
    // A pool reads its URL late, and what is said of it then holds it.
    new pg.Client({ connectionString: url.reveal() });
    const pool = new pg.Pool({
      connectionString: url.reveal(),
      application_name: 'slimgate',
      max: MAX_CONNECTIONS,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: QUERY_TIMEOUT_MS,
      statement_timeout: QUERY_TIMEOUT_MS,
      idle_in_transaction_session_timeout: QUERY_TIMEOUT_MS,
      keepAlive: true,
      allowExitOnIdle: true,
    });
    // Who asks, or asks next, sees what became of a connection, idle or in use; without a listener
    // on each of them its end would be that of the process.
    pool.on('error', () => undefined);
    pool.on('connect', (client) => void client.on('error', () => undefined));
    return pool;
  } catch {
    // What the library says may hold the URL, and the URL a password.
    throw new StoreRefusal('DATABASE_URL cannot be read; it is postgres://USER:PASSWORD@HOST/NAME');
  }
}

/** A connection of its own, not made yet. */
export async function createClient(url: Secret): Promise<Client> {
  const { default: pg } = await import('pg');
  return new pg.Client({
    connectionString: url.reveal(),
    application_name: 'slimgate listener',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    keepAlive: true,
  });
}
