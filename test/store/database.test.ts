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

describe.for(DATABASES)('on %s', (kind) => {
  test('what is written is there when it is opened again, byte for byte', async () => {
    const options = await freshDatabase(kind);
    const first = await openDatabase(options);
    await first.query.insertInto('policy_versions').values(VERSION).execute();
    await closeDatabase(first);
    const second = await openedDatabase(options);
    const rows = await second.query.selectFrom('policy_versions').selectAll().execute();
    expect(rows).toEqual([VERSION]);
  });

  test('four that open an empty database at once all find its tables', async () => {
    const options = await freshDatabase(kind);
    const opened = await Promise.all([1, 2, 3, 4].map(() => openedDatabase(options)));
    for (const { query } of opened) {
      expect(await query.selectFrom('policy_versions').selectAll().execute()).toEqual([]);
    }
  });

  test('a transaction that fails leaves nothing', async () => {
    const { query } = await openedDatabase(await freshDatabase(kind));
    const failing = query.transaction().execute(async (transaction) => {
      await transaction.insertInto('policy_versions').values(VERSION).execute();
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await query.selectFrom('policy_versions').selectAll().execute()).toEqual([]);
  });

  test('transactions of two at once come one after the other', async () => {
    const options = await freshDatabase(kind);
    const both = [await openedDatabase(options), await openedDatabase(options)];
    const written = both.flatMap(({ query }, node) =>
      Array.from({ length: 10 }, (_, index) =>
        query.transaction().execute((transaction) =>
          transaction
            .insertInto('policy_versions')
            .values({ ...VERSION, number: node * 100 + index, request_id: `${node}-${index}` })
            .execute(),
        ),
      ),
    );
    await Promise.all(written);
    const { query } = both[0] ?? (await openedDatabase(options));
    expect(await query.selectFrom('policy_versions').select('number').execute()).toHaveLength(20);
  });

  test('a database that a newer program has changed is refused and left as it is', async () => {
    const options = await freshDatabase(kind);
    const { query } = await openedDatabase(options);
    const newer = { name: '9999-later', timestamp: '2030-01-01T00:00:00.000Z' };
    // biome-ignore lint/suspicious/noExplicitAny: a table of the migrator, which no query may see.
    await (query as any).insertInto('slimgate_migrations').values(newer).execute();
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
  const { query } = await openedDatabase({ url, stateDirectory });
  await server.disconnect(name);
  await expect.poll(() => query.selectFrom('policy_versions').selectAll().execute()).toEqual([]);
});
