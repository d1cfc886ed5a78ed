import { parentPort, workerData } from 'node:worker_threads';
import { migrate } from './migrations.ts';
import { StoreRefusal } from './refusal.ts';
import { sqliteConnection } from './sqlite-connection.ts';
import { directSqlite } from './sqlite-direct.ts';
import { openSqliteFile } from './sqlite-file.ts';
import { type Sqlite, SqliteFailure, type SqliteOrder } from './sqlite-order.ts';
import type { ThreadAnswer } from './sqlite-thread.ts';

// A thread of its own for the database: its calls block, and what waits must not be a request.
const sqlite = await openOrRefuse(String(workerData));
if (sqlite !== null) {
  parentPort?.on('message', (order: SqliteOrder | null) => void answer(order, sqlite));
  say({ kind: 'opened' });
}

function say(answer: ThreadAnswer): void {
  parentPort?.postMessage(answer);
}

/** The tables are brought up to date here too, while our program is still being loaded. */
async function openOrRefuse(path: string): Promise<Sqlite | null> {
  let sqlite: Sqlite | null = null;
  try {
    sqlite = directSqlite(openSqliteFile(path));
    await migrate(sqliteConnection(sqlite));
    return sqlite;
  } catch (error) {
    await sqlite?.close();
    // Of the file, or of the system that keeps it; all else is a fault of the program.
    const isOfFile = error instanceof StoreRefusal || error instanceof SqliteFailure;
    if (!isOfFile && !(error as { code?: unknown }).code) throw error;
    say({ kind: 'refused', problem: (error as Error).message });
    return null;
  }
}

async function answer(order: SqliteOrder | null, { fulfil, close }: Sqlite): Promise<void> {
  if (order === null) {
    await close();
    parentPort?.close();
    return;
  }
  try {
    say({ kind: 'done', rows: await fulfil(order) });
  } catch (error) {
    const { message, errcode = null } = error as SqliteFailure;
    say({ kind: 'failed', message, errcode });
  }
}
