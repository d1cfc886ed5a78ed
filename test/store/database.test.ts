import { describe, expect, test } from 'vitest';
import { Secret } from '../../src/secret.ts';
import { closeDatabase, openDatabase } from '../../src/store/database.ts';
import { DATABASES, freshDatabase, openedDatabase } from '../support/databases.ts';
import { PASSWORD, postgresServer } from '../support/postgres-server.ts';

const VERSION = {
  number: 1,
  parent: null,
  digest: 'd',
  document: '{"a":"ä€𝄞"}',
  author: 'ines',
  note: '',
  created_at: '2030-01-01T00:00:00.000Z',
  request_id: 'r1',
};

const INSERT = `insert into policy_versions
  (number, parent, digest, document, author, note, created_at, request_id)
  values (?, ?, ?, ?, ?, ?, ?, ?)`;
const ALL = 'select * from policy_versions';

describe.for(DATABASES)('on %s', (kind) => {
  test('what is written is there when it is opened again, byte for byte', async () => {
    const options = await freshDatabase(kind);
    const first = await openDatabase(options);
    await first.connection.ask(INSERT, Object.values(VERSION));
    await closeDatabase(first);
    const second = await openedDatabase(options);
    const rows = await second.connection.ask(ALL);
    expect(rows).toEqual([VERSION]);
  });

  test('four that open an empty database at once all find its tables', async () => {
    const options = await freshDatabase(kind);
    const opened = await Promise.all([1, 2, 3, 4].map(() => openedDatabase(options)));
    for (const { connection } of opened) {
      expect(await connection.ask(ALL)).toEqual([]);
    }
  });

  test('a transaction that fails leaves nothing', async () => {
    const { connection } = await openedDatabase(await freshDatabase(kind));
    const failing = connection.transaction(async ({ ask }) => {
      await ask(INSERT, Object.values(VERSION));
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await connection.ask(ALL)).toEqual([]);
  });

  test('transactions of two at once come one after the other', async () => {
    const options = await freshDatabase(kind);
    const both = [await openedDatabase(options), await openedDatabase(options)];
    const written = both.flatMap(({ connection }, node) =>
      Array.from({ length: 10 }, (_, index) =>
        connection.transaction(({ ask }) => {
          const version = {
            ...VERSION,
            number: node * 100 + index,
            request_id: `${node}-${index}`,
          };
          return ask(INSERT, Object.values(version));
        }),
      ),
    );
    await Promise.all(written);
    const { connection } = both[0] ?? (await openedDatabase(options));
    expect(await connection.ask(ALL)).toHaveLength(20);
  });

  test('a database that a newer program has changed is refused and left as it is', async () => {
    const options = await freshDatabase(kind);
    const { connection } = await openedDatabase(options);
    await connection.ask(`insert into slimgate_migrations (name, timestamp)
      values ('9999-later', '2030-01-01T00:00:00.000Z')`);
    await expect(openDatabase(options)).rejects.toThrow(
      /cannot be used:\n {2}a newer Slimgate has changed its tables \(`9999-later`\); start that/,
    );
  });
});

test.for([
  { name: 'no server', url: `postgres://u:${PASSWORD}@/x?host=/nowhere`, says: /ENOENT|connect/ },
  { name: 'no URL', url: `postgres://u:${PASSWORD}@[::bad/x`, says: /DATABASE_URL cannot be read/ },
])('a PostgreSQL that cannot be reached is told in one line: $name', async ({ url, says }) => {
  const { stateDirectory } = await freshDatabase('sqlite');
  const opening = openDatabase({ url: new Secret(url), stateDirectory });
  const error: Error = await opening.then(
    () => expect.unreachable(),
    (thrown) => thrown,
  );
  expect(error.message).toMatch(says);
  expect(error.message.split('\n')).toHaveLength(2);
  expect(JSON.stringify(error) + error.stack).not.toContain(PASSWORD);
});

test('connections that break are replaced', async () => {
  const server = await postgresServer();
  const { name, url } = await server.createDatabase();
  const { stateDirectory } = await freshDatabase('sqlite');
  const { connection } = await openedDatabase({ url, stateDirectory });
  await server.disconnect(name);
  await expect.poll(() => connection.ask(ALL)).toEqual([]);
});
