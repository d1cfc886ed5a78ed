import { hash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { GatewayError } from '../../src/errors.ts';
import { closeDatabase, openDatabase } from '../../src/store/database.ts';
import { type PolicyVersion, policyVersions } from '../../src/store/policy-versions.ts';
import { DATABASES, freshDatabase, openedDatabase } from '../support/databases.ts';

function version(number: number, more: Partial<PolicyVersion> = {}): PolicyVersion {
  const document = JSON.stringify({ number });
  return {
    number,
    parent: number === 1 ? null : number - 1,
    digest: hash('sha256', document),
    document,
    author: 'security',
    note: '',
    createdAt: new Date('2030-01-01T00:00:00.000Z'),
    requestId: `r-${number}`,
    ...more,
  };
}

describe.for(DATABASES)('on %s', (kind) => {
  test('a version is read as it was added, and the newest is the latest', async () => {
    const versions = policyVersions(await openedDatabase(await freshDatabase(kind)));
    expect(await versions.latest()).toBeNull();
    expect(await versions.read(1)).toBeNull();
    for (const number of [1, 2, 3]) expect(await versions.add(version(number))).toBe(true);
    expect(await versions.latest()).toEqual({ number: 3, digest: version(3).digest });
    expect(await versions.read(2)).toEqual(version(2));
  });

  test('the history is told newest first, page by page, without documents', async () => {
    const versions = policyVersions(await openedDatabase(await freshDatabase(kind)));
    for (const number of [1, 2, 3, 4, 5]) await versions.add(version(number));
    const page = await versions.list({ before: 5, limit: 2 });
    expect(page.map(({ number }) => number)).toEqual([4, 3]);
    expect(Object.keys(page[0] ?? {})).not.toContain('document');
  });

  test('of ten who follow on one version at once, one is first', async () => {
    const options = await freshDatabase(kind);
    const nodes = [await openedDatabase(options), await openedDatabase(options)];
    await policyVersions(nodes[0] ?? expect.unreachable()).add(version(1));
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        policyVersions(nodes[index % 2] ?? expect.unreachable()).add(
          version(2, { requestId: `other-${index}` }),
        ),
      ),
    );
    expect(outcomes.filter((isAdded) => isAdded)).toHaveLength(1);
  });

  test.for([
    { name: 'a version that is not there', more: { number: 9, parent: 8 } },
    { name: 'nothing, when there is something', more: { number: 1, parent: null } },
  ])('a version that follows on $name is not added', async ({ more }) => {
    const versions = policyVersions(await openedDatabase(await freshDatabase(kind)));
    await versions.add(version(1));
    expect(await versions.add(version(2, { ...more, requestId: 'x' }))).toBe(false);
    expect(await versions.latest()).toMatchObject({ number: 1 });
  });

  test('a document that is not what its digest says is not read', async () => {
    const database = await openedDatabase(await freshDatabase(kind));
    const versions = policyVersions(database);
    await versions.add(version(1));
    await database.connection.ask("update policy_versions set document = '{}'");
    await expect(versions.read(1)).rejects.toThrow(/store-unavailable/);
  });

  test('a database that has gone is told as that, with the cause for the log alone', async () => {
    const database = await openDatabase(await freshDatabase(kind));
    await closeDatabase(database);
    const error = await policyVersions(database)
      .latest()
      .catch((thrown) => thrown);
    expect(error).toBeInstanceOf(GatewayError);
    expect(error).toMatchObject({ code: 'store-unavailable', cause: expect.any(Error) });
  });
});
