import { describe, expect, test } from 'vitest';
import type { Revocation } from '../../src/identity/revocation.ts';
import { closeDatabase } from '../../src/store/database.ts';
import { revocations } from '../../src/store/revocations.ts';
import { DATABASES, freshDatabase, openedDatabase } from '../support/databases.ts';

const LONG_AGO = new Date(0);

function revocation(facts: Partial<Revocation> = {}): Revocation {
  return {
    id: 'r1',
    kind: 'token',
    issuer: 'https://issuer.test',
    value: 'jti-1',
    until: new Date('2030-01-01T00:00:00.000Z'),
    note: 'lost laptop',
    author: 'security',
    createdAt: new Date('2029-01-01T00:00:00.000Z'),
    ...facts,
  };
}

describe.for(DATABASES)('on %s', (kind) => {
  const opened = async () => revocations(await openedDatabase(await freshDatabase(kind)));

  test('what is revoked is listed as it was written, and lifted by its id', async () => {
    const store = await opened();
    const tenant = revocation({ id: 'r2', kind: 'tenant', issuer: null, until: null });
    await store.add(revocation(), LONG_AGO);
    await store.add(tenant, LONG_AGO);
    expect(await store.list()).toEqual([revocation(), tenant]);
    expect(await store.lift('r1')).toEqual(revocation());
    expect(await store.lift('r1')).toBeNull();
    expect(await store.list()).toEqual([tenant]);
  });

  test('each change counts, and nothing else does', async () => {
    const store = await opened();
    const counts = [await store.changeCount(), await store.changeCount()];
    await store.add(revocation(), LONG_AGO);
    counts.push(await store.changeCount());
    await store.list();
    await store.lift('r1');
    counts.push(await store.changeCount());
    expect(counts).toEqual([0, 0, 1, 2]);
  });

  test('changes of two at once are all there and all counted', async () => {
    const options = await freshDatabase(kind);
    const stores = [await openedDatabase(options), await openedDatabase(options)].map(revocations);
    await Promise.all(
      stores.flatMap((store, node) =>
        Array.from({ length: 10 }, (_, index) =>
          store.add(revocation({ id: `${node}-${index}` }), LONG_AGO),
        ),
      ),
    );
    expect(await stores[0]?.changeCount()).toBe(20);
    expect(await stores[1]?.list()).toHaveLength(20);
  });

  test('what ended long since is let go of when something is added', async () => {
    const store = await opened();
    await store.add(revocation({ id: 'ended' }), LONG_AGO);
    await store.add(revocation({ id: 'for good', until: null }), LONG_AGO);
    await store.add(revocation({ id: 'new' }), new Date('2030-01-01T00:00:00.001Z'));
    const ids = (await store.list()).map(({ id }) => id);
    expect(ids.toSorted()).toEqual(['for good', 'new']);
  });

  test('a database that does not answer is told to whoever asks', async () => {
    const database = await openedDatabase(await freshDatabase(kind));
    const store = revocations(database);
    await closeDatabase(database);
    for (const ask of [store.changeCount, store.list, () => store.add(revocation(), LONG_AGO)]) {
      await expect(ask()).rejects.toThrow();
    }
  });
});
