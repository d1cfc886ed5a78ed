import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closeDatabase, openDatabase } from '../../src/store/database.ts';

const FILE = 'slimgate.db';

let bytes: Promise<Buffer> | null = null;

/**
 * Put the database that a first start makes into a state directory: to make and migrate one for
 * each gateway would be a third of its start.
 */
export async function placeEmptyDatabase(stateDirectory: string): Promise<void> {
  bytes ??= makeDatabase();
  mkdirSync(stateDirectory, { recursive: true });
  writeFileSync(join(stateDirectory, FILE), await bytes, { mode: 0o600 });
}

async function makeDatabase(): Promise<Buffer> {
  const stateDirectory = mkdtempSync(join(tmpdir(), 'slimgate-empty-'));
  await closeDatabase(await openDatabase({ url: null, stateDirectory, isInThread: false }));
  const made = readFileSync(join(stateDirectory, FILE));
  rmSync(stateDirectory, { recursive: true });
  return made;
}
