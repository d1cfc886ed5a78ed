import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Decision } from '../../src/policy/decide.ts';
import { effectDiff } from '../../src/policy/effect-diff.ts';
import { PATIENCE, runs } from '../support/runs.ts';
import { SURROUNDINGS, testRequestOf } from './analysing.ts';
import { decideOn, SET, SH, type TestRow, tableOf, witness } from './asking.ts';
import { randomRows } from './random-tables.ts';
import { everyRequest } from './universe.ts';

const withIds = (rows: readonly TestRow[], prefix: string) =>
  rows.map((row, index) => ({ id: `${prefix}${index}`, ...row }));

/** Two tables that have most of their rows in common. */
const twoTables = fc.tuple(randomRows, randomRows, randomRows).map(([common, before, after]) => {
  const shared = withIds(common.slice(0, 4), 'c');
  return [
    [...shared, ...withIds(before.slice(0, 2), 'b')],
    [...shared, ...withIds(after.slice(0, 2), 'a')],
  ] as const;
});

const grounds = ({ reason, statements }: Decision) => [reason, [...statements].sort()];

test(
  'every witness of a difference is decided as the difference says, by both evaluators',
  () => {
    let count = 0;
    fc.assert(
      fc.property(twoTables, ([before, after]) => {
        const { changes } = effectDiff(tableOf(before), tableOf(after), SURROUNDINGS);
        for (const change of changes.slice(0, 20)) {
          const asked = testRequestOf(change.witness);
          const [was, is] = [witness(before, asked), witness(after, asked)];
          expect([change.before.reason, change.after.reason]).toEqual([was, is]);
          expect(was === 'allowed').toBe(change.change === 'loses');
          expect(is === 'allowed').toBe(change.change === 'gains');
          count += 1;
        }
      }),
      runs(4),
    );
    expect(count).toBeGreaterThan(4);
  },
  PATIENCE,
);

test(
  'what a small world gone through whole finds, the difference has found',
  () => {
    let count = 0;
    fc.assert(
      fc.property(twoTables, ([before, after]) => {
        const tables = [tableOf(before), tableOf(after)] as const;
        const { changes, limits } = effectDiff(...tables, SURROUNDINGS);
        fc.pre(limits.length === 0);
        const found = new Set(
          changes
            .filter(({ tenant }) => tenant === 'a')
            .map((one) => JSON.stringify([one.operation, grounds(one.before), grounds(one.after)])),
        );
        for (const request of everyRequest('a')) {
          const [was, is] = [decideOn(tables[0], request), decideOn(tables[1], request)];
          if (was.effect === is.effect) continue;
          count += 1;
          const key = JSON.stringify([request.operation, grounds(was), grounds(is)]);
          if (!found.has(key)) expect([request, ...found]).toContain(key);
        }
      }),
      runs(4),
    );
    expect(count).toBeGreaterThan(4);
  },
  PATIENCE,
);

const ALLOW: TestRow = { id: 'one', effect: 'allow', action: SET, resource: `${SH}/*` };

test('a statement that is only renamed, or said again, changes nothing', () => {
  const changesFrom = (before: TestRow[], after: TestRow[]) =>
    effectDiff(tableOf(before), tableOf(after), SURROUNDINGS).changes;
  expect(changesFrom([ALLOW], [{ ...ALLOW, id: 'other' }])).toEqual([]);
  expect(
    changesFrom([ALLOW], [ALLOW, { ...ALLOW, id: 'again', resource: `${SH}/test-*` }]),
  ).toEqual([]);
  expect(changesFrom([ALLOW], [{ ...ALLOW, resource: `${SH}/test-*` }])).toMatchObject([
    { change: 'loses', operation: 'enable', kinds: 15, after: { reason: 'default-deny' } },
    { change: 'loses', operation: 'disable', kinds: 1, after: { reason: 'default-deny' } },
  ]);
});

test('a deny in one corner of an overlap is found with a request from that corner', () => {
  const wide = { ...ALLOW, resource: `qcs::ci::uid/1250000000:bucket/*-logs-*` };
  const deny: TestRow = {
    id: 'corner',
    principal: 'sub-account/media',
    effect: 'deny',
    action: 'ci:*',
    resource: `${SH}/eu-*`,
    condition: { ip_not_equal: { 'qcs:ip': '10.0.0.0/8' } },
  };
  const { changes, limits } = effectDiff(tableOf([wide]), tableOf([wide, deny]), SURROUNDINGS);
  expect(limits).toEqual([]);
  expect(changes.map(({ tenant, operation, after }) => [tenant, operation, after.reason])).toEqual(
    expect.arrayContaining([
      ['a', 'disable', 'explicit-deny'],
      ['a', 'disable', 'undecidable-deny'],
    ]),
  );
  for (const { witness: request } of changes) {
    expect(request.resource.path).toMatch(/^bucket\/eu-(?:.*-)?logs-(?:.*-)?1250000000\/$/);
  }
});

test('a tenant that changes its sub-account is compared under both', () => {
  const rows: TestRow[] = [
    { ...ALLOW, principal: 'sub-account/media' },
    { ...ALLOW, id: 'two', principal: 'sub-account/spare', resource: `${SH}/test-*` },
  ];
  const before = tableOf(rows);
  const after = { ...before, subAccountOf: new Map([...before.subAccountOf, ['a', 'spare']]) };
  const { changes } = effectDiff(before, after, SURROUNDINGS);
  expect(changes.map(({ tenant, change, operation }) => [tenant, change, operation])).toEqual([
    ['a', 'loses', 'enable'],
    ['a', 'loses', 'disable'],
  ]);
});
