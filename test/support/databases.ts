import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Secret } from '../../src/secret.ts';
import {
  closeDatabase,
  type Database,
  type DatabaseOptions,
  openDatabase,
} from '../../src/store/database.ts';
import { postgresServer } from './postgres-server.ts';

/** The databases that a suite about the store runs on: `describe.for(DATABASES)(…)`. */
export const DATABASES = ['sqlite', 'postgres'] as const;

export type DatabaseKind = (typeof DATABASES)[number];

/** A database that is not there yet, or empty; what keeps it is removed when the test ends. */
export async function freshDatabase(kind: DatabaseKind): Promise<DatabaseOptions> {
  const stateDirectory = mkdtempSync(join(tmpdir(), 'slimgate-store-'));
  onTestFinished(() => rmSync(stateDirectory, { recursive: true, force: true }));
  return { url: await freshUrl(kind), stateDirectory };
}

/** The URL of an empty PostgreSQL database; null for SQLite. */
export async function freshUrl(kind: DatabaseKind): Promise<Secret | null> {
  if (kind === 'sqlite') return null;
  const { url } = await (await postgresServer()).createDatabase();
  return url;
}

/** Open a database until the test ends. */
export async function openedDatabase(options: DatabaseOptions): Promise<Database> {
  const database = await openDatabase(options);
  onTestFinished(() => closeDatabase(database));
  return database;
}
