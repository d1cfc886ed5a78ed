import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { closeDatabase, openDatabase } from '../../src/store/database.ts';
import { openSqliteFile } from '../../src/store/sqlite-file.ts';
import { freshDatabase, openedDatabase } from '../support/databases.ts';

/** A closed database with some pages in it, one row a page. */
async function closedDatabase() {
  const options = await freshDatabase('sqlite');
  const path = join(options.stateDirectory, 'slimgate.db');
  const database = openSqliteFile(path);
  database.exec('create table policy_versions (number integer primary key, document text)');
  const insert = database.prepare('insert into policy_versions values (?, ?)');
  for (let number = 1; number <= 40; number += 1) insert.run(number, 'x'.repeat(5_000));
  database.close();
  return { options, path };
}

test('the file is for its owner alone, and nothing is left beside it', async () => {
  const { options, path } = await closedDatabase();
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(options.stateDirectory)).toEqual(['slimgate.db']);
});

test('it keeps a write-ahead log and syncs each commit', async () => {
  const options = await freshDatabase('sqlite');
  await openedDatabase(options);
  const path = join(options.stateDirectory, 'slimgate.db');
  expect(statSync(`${path}-wal`).mode & 0o777).toBe(0o600);
  expect(
    execFileSync('sh', ['-c', `head -c 20 ${path} | tail -c 2 | od -An -tu1`]).toString(),
  ).toBe('   2   2\n');
});

const DAMAGES: readonly { name: string; damage: (path: string) => void; says: RegExp }[] = [
  {
    name: 'empty',
    damage: (path) => truncateSync(path, 0),
    says: /not an SQLite database, or dam/,
  },
  { name: 'cut short', damage: (path) => truncateSync(path, 40_960), says: /damaged/ },
  {
    name: 'its first page overwritten',
    damage: (path) => overwrite(path, 0, 4096),
    says: /not an SQLite database, or damaged/,
  },
  {
    name: 'its schema overwritten',
    damage: (path) => overwrite(path, 100, 3996),
    says: /damaged/,
  },
  {
    name: 'all pages behind the first overwritten',
    damage: (path) => overwrite(path, 4096, statSync(path).size - 4096),
    says: /damaged/,
  },
  {
    name: 'text',
    damage: (path) => writeFileSync(path, 'version: 1\n'),
    says: /not an SQLite database, or damaged/,
  },
  {
    name: 'the database of another program',
    damage: (path) => {
      truncateSync(path, 0);
      const other = new DatabaseSync(path);
      other.exec('create table notes (text)');
      other.close();
    },
    says: /the database of another program/,
  },
];

test.for(DAMAGES)('a file that is $name is refused and left as it is', async (damaged) => {
  const { path } = await closedDatabase();
  damaged.damage(path);
  const before = readFileSync(path);
  expect(() => openSqliteFile(path)).toThrow(damaged.says);
  expect(readFileSync(path).equals(before)).toBe(true);
});

test('a refusal is one line that names the file', async () => {
  const { options, path } = await closedDatabase();
  truncateSync(path, 0);
  await expect(openDatabase(options)).rejects.toThrow(
    `the database ${path} cannot be used:\n  it is not an SQLite database, or damaged; restore it from a backup`,
  );
});

function overwrite(path: string, from: number, length: number): void {
  const bytes = readFileSync(path);
  bytes.fill(0xa5, from, from + length);
  writeFileSync(path, bytes);
}

test('a log that was not written back when its process died is read', async () => {
  const options = await freshDatabase('sqlite');
  const database = await openDatabase(options);
  const path = join(options.stateDirectory, 'slimgate.db');
  await database.connection.ask(
    `insert into policy_versions (number, digest, document, author, note, created_at, request_id)
      values (1, 'd', 'of the log', 'ines', '', '2030-01-01T00:00:00.000Z', 'r')`,
  );
  // As it stands on disk in this moment.
  const { stateDirectory } = await freshDatabase('sqlite');
  for (const end of ['', '-wal'])
    copyFileSync(path + end, join(stateDirectory, `slimgate.db${end}`));
  await closeDatabase(database);
  const { connection } = await openedDatabase({ url: null, stateDirectory });
  expect(await connection.ask('select document from policy_versions')).toEqual([
    { document: 'of the log' },
  ]);
});

test('who waits for another’s transaction does not hold up the process', async () => {
  const options = await freshDatabase('sqlite');
  const { connection } = await openedDatabase(options);
  const other = new DatabaseSync(join(options.stateDirectory, 'slimgate.db'));
  other.exec('begin immediate');
  let ticks = 0;
  const ticking = setInterval(() => {
    ticks += 1;
  }, 5);
  const waiting = connection.ask('delete from policy_versions');
  await wait(100);
  other.exec('commit');
  other.close();
  await waiting;
  clearInterval(ticking);
  expect(ticks).toBeGreaterThan(3);
});

test('an idle database does not keep a process from ending', async () => {
  const options = await freshDatabase('sqlite');
  const program = `
    import { openDatabase } from ${JSON.stringify(
      new URL('../../src/store/database.ts', import.meta.url).href,
    )};
    await openDatabase({ url: null, stateDirectory: ${JSON.stringify(options.stateDirectory)} });
    process.stdout.write('opened');
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += chunk;
  });
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  await once(child, 'close');
  expect([child.exitCode, said]).toEqual([0, 'opened']);
  expect(existsSync(join(options.stateDirectory, 'slimgate.db'))).toBe(true);
});
