import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ConfigurationError } from '../errors.ts';

const LOCK_FILE = 'journal.lock';
/** Who holds the lock, for people; and the sign that a journal has been here before. */
export const HOLDER_FILE = 'journal.holder.json';

/** The right to write a journal's directory, held until it is released or the process ends. */
export interface JournalLock {
  /** Say who holds the lock: to be called once there is something in the journal. */
  sign(startedAt: Date): Promise<void>;
  release(): void;
}

/**
 * Take the journal's lock. It is a lock of the kernel's, by way of SQLite because Node offers none:
 * it ends with the process that holds it, however that ends, so there is no stale lock to judge by
 * a pid that may be another's by now or counted in another container.
 * @throws ConfigurationError when another process holds it
 */
export async function lockJournal(directory: string): Promise<JournalLock> {
  // INVARIANT: nothing else in this process opens the lock file; closing it would drop the lock.
  const database = new DatabaseSync(join(directory, LOCK_FILE), { timeout: 0 });
  try {
    database.exec('PRAGMA journal_mode = OFF; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    const reason = error instanceof Error ? error.message : String(error);
    const holder = await readFile(join(directory, HOLDER_FILE), 'utf8').catch(() => 'not known');
    throw new ConfigurationError(`audit journal ${directory}`, [
      `it is in use by another process (${reason}); last signed by: ${holder.trim()}`,
    ]);
  }
  return {
    sign: (startedAt) =>
      writeFile(
        join(directory, HOLDER_FILE),
        `${JSON.stringify({ pid: process.pid, startedAt: startedAt.toISOString() })}\n`,
        { mode: 0o600, flush: true },
      ),
    release: () => database.close(),
  };
}
