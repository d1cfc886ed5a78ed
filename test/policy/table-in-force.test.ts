import { expect, onTestFinished, test } from 'vitest';
import { compilePolicyTable } from '../../src/policy/policy-table.ts';
import { TableInForce, type TableStatus } from '../../src/policy/table-in-force.ts';
import type { PolicyVersion } from '../../src/store/policy-versions.ts';

const MAX_STALE_MS = 5_000;

function version(number: number, digest = `digest-${number}`): PolicyVersion {
  const made = { author: 'a', note: '', createdAt: new Date(0), requestId: String(number) };
  return { number, parent: number - 1, digest, document: '{}', ...made };
}

const compiled = ({ number, digest }: PolicyVersion) => ({
  number,
  digest,
  table: compilePolicyTable(
    { version: `${number}`, subAccountOf: new Map(), limitsOf: new Map() },
    [],
  ),
});

/** A table in force over a history that a test writes, with a clock that it sets. */
function following(first = 1) {
  const history = { latest: version(first) as PolicyVersion | null, failing: false, elapsedMs: 0 };
  const told: TableStatus[] = [];
  const table = new TableInForce({
    versions: {
      latest: async () => {
        if (history.failing) throw new Error('gone\n  for now');
        return history.latest;
      },
      read: async (number) => (history.latest?.number === number ? history.latest : null),
    },
    compile: (one) => {
      if (one.digest === 'bad') throw new Error('it cannot be used');
      return compiled(one).table;
    },
    first: compiled(version(first)),
    settings: { maxStaleMs: MAX_STALE_MS, refuseWhenStale: true },
    elapsedMs: () => history.elapsedMs,
    listen: () => ({ close: async () => undefined }),
    onChange: (status) => void told.push(status),
  });
  onTestFinished(() => table.close());
  return { history, table, told };
}

test('what is the latest when it looks is in force', async () => {
  const { history, table, told } = following();
  history.latest = version(2);
  await table.look();
  expect(table.current().version).toBe('2');
  expect(told).toEqual([{ version: '2', isStale: false, problem: null }]);
});

test.for([
  { name: 'cannot be read', change: { failing: true }, problem: 'gone for now' },
  { name: 'has none', change: { latest: null }, problem: 'holds version 0 at most, and 3 is in' },
  { name: 'has an older one', change: { latest: version(2) }, problem: 'holds version 2 at most' },
  { name: 'has another one', change: { latest: version(3, 'x') }, problem: 'is not the version 3' },
  { name: 'has a bad one', change: { latest: version(4, 'bad') }, problem: 'it cannot be used' },
])('a database that $name does not confirm the table, and it is stale in time', async (given) => {
  const { history, table, told } = following(3);
  Object.assign(history, given.change);
  await table.look();
  expect(table.current().version).toBe('3');
  expect(table.status().problem).toContain(given.problem);
  history.elapsedMs = MAX_STALE_MS + 1;
  expect(() => table.current()).toThrow(/policy-stale/);

  Object.assign(history, { failing: false, latest: version(5) });
  await table.look();
  expect(table.current().version).toBe('5');
  expect(told.at(-1)).toEqual({ version: '5', isStale: false, problem: null });
});

test('a version that is adopted while the database answers is no older than its answer', async () => {
  const { history, table, told } = following();
  const looking = table.look();
  table.adopt(compiled(version(2)));
  await looking;
  expect(table.status()).toEqual({ version: '2', isStale: false, problem: null });
  expect(told.map(({ problem }) => problem)).toEqual([null]);
  history.latest = version(2);
  await table.look();
  expect(table.current().version).toBe('2');
});
