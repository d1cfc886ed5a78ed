import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { StoreRefusal } from './refusal.ts';

/** Says whose file it is. Source: SQLite documentation, "Database File Format", section 1.3. */
const APPLICATION_ID = 0x51_1d_9a_7e;
const MAGIC = 'SQLite format 3\0';

/** How long a write waits for that of another process, in milliseconds. */
const BUSY_TIMEOUT_MS = 5_000;

/**
 * Open the database's file, or make it where there is none. A file that is there is never replaced
 * and never begun anew, whatever is wrong with it.
 * @throws StoreRefusal when it is not a database, not ours, or damaged
 */
export function openSqliteFile(path: string): DatabaseSync {
  if (statSync(path, { throwIfNoEntry: false }) === undefined) createFile(path);
  requireMagic(path);
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
  try {
    requireOurs(database);
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON');
    requireIntact(database);
    return database;
  } catch (error) {
    database.close();
    if (error instanceof StoreRefusal) throw error;
    throw new StoreRefusal(`it is damaged (${messageOf(error)}); restore it from a backup`);
  }
}

/**
 * Open a file that openSqliteFile has opened, once more, for the index of the journal alone. That
 * commits without waiting for the disk: what a crash takes with it is read from the journal again.
 * Source: SQLite documentation, "PRAGMA synchronous": with a WAL, NORMAL loses the latest
 * commits of a machine that loses its power, and nothing else.
 */
export function openIndexFile(path: string): DatabaseSync {
  const url = pathToFileURL(path);
  // None is made where it is gone. Source: SQLite documentation, "Uniform Resource Identifiers".
  url.searchParams.set('mode', 'rw');
  const database = new DatabaseSync(url, { timeout: BUSY_TIMEOUT_MS });
  database.exec('PRAGMA synchronous = NORMAL; PRAGMA cache_size = -8000');
  // Pages of its trees change again and again before they are worth their way into the file.
  database.exec('PRAGMA wal_autocheckpoint = 4000');
  return database;
}

/**
 * INVARIANT: the file comes to its name complete, so one that is empty or cut short is a damaged
 * one. Who makes it at the same moment and is second uses the first one's.
 */
function createFile(path: string): void {
  const draft = `${path}.${randomUUID()}.new`;
  rmSync(draft, { force: true });
  closeSync(openSync(draft, 'wx', 0o600));
  const database = new DatabaseSync(draft);
  database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA journal_mode = WAL; VACUUM`);
  database.close();
  try {
    linkSync(draft, path);
    const directory = openSync(dirname(path), 'r');
    fsyncSync(directory);
    closeSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function requireMagic(path: string): void {
  const beginning = Buffer.alloc(MAGIC.length);
  const file = openSync(path, 'r');
  readSync(file, beginning, 0, MAGIC.length, 0);
  closeSync(file);
  if (beginning.toString('latin1') === MAGIC) return;
  throw new StoreRefusal('it is not an SQLite database, or damaged; restore it from a backup');
}

function requireOurs(database: DatabaseSync): void {
  const { application_id: id } = database.prepare('PRAGMA application_id').get() ?? {};
  if (id === APPLICATION_ID) return;
  throw new StoreRefusal('it is the database of another program; set another stateDirectory');
}

/** Every table that cannot be made anew; what can, like an index of the journal, may be large. */
const PRECIOUS = ['sqlite_schema', 'policy_versions', 'revocations', 'revocation_changes'];

/** Source: SQLite documentation, "PRAGMA quick_check", for one table. */
function requireIntact(database: DatabaseSync): void {
  const isThere = database.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?');
  for (const table of PRECIOUS) {
    if (table !== 'sqlite_schema' && isThere.get(table) === undefined) continue;
    const [found] = database.prepare(`PRAGMA quick_check('${table}')`).all();
    const problem = String(found?.quick_check ?? 'no answer').split('\n')[0];
    if (problem !== 'ok') throw new Error(problem);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
