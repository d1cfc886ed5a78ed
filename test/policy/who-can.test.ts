import fc from 'fast-check';
import { expect, test } from 'vitest';
import { can, type Right } from '../../src/policy/can.ts';
import { parseResourcePattern } from '../../src/policy/resource.ts';
import { whoCan } from '../../src/policy/who-can.ts';
import { PATIENCE, runs } from '../support/runs.ts';
import { SURROUNDINGS, testRequestOf } from './analysing.ts';
import {
  APP_ID,
  DESCRIBE,
  decideOn,
  E,
  P,
  SET,
  SH,
  T,
  type TestRow,
  tableOf,
  witness,
} from './asking.ts';
import { randomRows } from './random-tables.ts';
import { everyRequest } from './universe.ts';

function holdersOf(rows: readonly TestRow[], action: string, resource: string) {
  const pattern = parseResourcePattern(resource);
  if (typeof pattern === 'string') throw new Error(pattern);
  return whoCan({ action, resource: pattern }, tableOf(rows), SURROUNDINGS);
}

const ALLOW: TestRow = { effect: 'allow', action: [SET, DESCRIBE], resource: `${SH}/${E}/*` };

test('who can is told with how, by which statement, and an example of each', () => {
  const rows: TestRow[] = [
    ALLOW,
    { ...ALLOW, principal: 'tenant/b', condition: { ip_equal: { 'qcs:ip': '10.0.0.0/8' } } },
    { ...ALLOW, principal: 'tenant/c', resource: `${SH}/${P}/*` },
  ];
  const { holders, limits } = holdersOf(rows, SET, `${SH}/${E}/*`);
  expect(limits).toEqual([]);
  expect(holders).toMatchObject([
    { tenant: 'a', subAccount: 'media', isAlways: true, allowing: ['s0'], counterexample: null },
    { tenant: 'b', subAccount: 'media', isAlways: false, allowing: ['s1'], denying: [] },
  ]);
  expect(holders[1]?.witness.context.sourceAddress).toMatch(/^10\./);
});

test('a deny of one operation leaves the others, and is named', () => {
  const deny: TestRow = {
    principal: 'sub-account/media',
    effect: 'deny',
    action: SET,
    resource: '*',
    condition: { string_equal: { 'slimgate:operation': 'disable' } },
  };
  const { holders } = holdersOf([ALLOW, deny], SET, `${SH}/${E}/*`);
  expect(holders).toMatchObject([{ isAlways: false, allowing: ['s0'], denying: ['s1'] }]);
  expect(holders[0]?.counterexample?.context.operation).toBe('disable');
  expect(holdersOf([ALLOW], DESCRIBE, '*').holders).toMatchObject([
    { tenant: 'a', isAlways: false },
  ]);
});

test(
  'who can is who is allowed somewhere in a small world gone through whole',
  () => {
    let count = 0;
    const resources = [`${SH}/${E}/*`, `qcs::ci::uid/${APP_ID}:bucket/*`, `${SH}/test-*`, '*'];
    fc.assert(
      fc.property(
        randomRows,
        fc.constantFrom(...resources),
        fc.constantFrom(SET, DESCRIBE),
        (rows, resource, action) => {
          const { holders } = holdersOf(rows, action, resource);
          const table = tableOf(rows);
          for (const holder of holders) {
            const asked = testRequestOf(holder.witness);
            expect([asked.action, witness(rows, asked)]).toEqual([action, 'allowed']);
            if (holder.counterexample === null) continue;
            expect(witness(rows, testRequestOf(holder.counterexample))).not.toBe('allowed');
          }
          const asked = [...everyRequest('a')].filter(
            (one) => one.action === action && isIn(resource, one.region, one.bucket),
          );
          const allowed = asked.filter((one) => decideOn(table, one).effect === 'allow');
          const holder = holders.find(({ tenant }) => tenant === 'a');
          if (allowed.length > 0) expect(holder).toBeDefined();
          if (holder?.isAlways) expect(allowed).toHaveLength(asked.length);
          count += allowed.length;
        },
      ),
      runs(6),
    );
    expect(count).toBeGreaterThan(20);
  },
  PATIENCE,
);

function isIn(resource: string, region = '', bucket = ''): boolean {
  if (resource === '*') return true;
  const [, , , wanted, , path = ''] = resource.split(':');
  const start = path.slice(0, -1);
  return (wanted === '' || wanted === region) && `bucket/${bucket}/`.startsWith(start);
}

test('what a tenant can do is told allow by allow, with what denies leave of it', () => {
  const rows: TestRow[] = [
    { ...ALLOW, action: 'ci:*', resource: '*' },
    { ...ALLOW, resource: `${SH}/${P}/*`, expires: '2020-01-01T00:00:00Z' },
    { ...ALLOW, principal: 'sub-account/media', action: SET, resource: `${SH}/${T}/*` },
    { ...ALLOW, principal: 'tenant/b' },
    { effect: 'deny', action: SET, resource: `${SH}/${T}/*` },
    { ...ALLOW, action: 'ci:SetRefer' },
  ];
  const { subAccount, rights, limits } = can('a', tableOf(rows), SURROUNDINGS);
  expect([subAccount, limits]).toEqual(['media', []]);
  expect(
    rights.map(({ statement, operations, deniedBy }) => [statement.id, operations, deniedBy]),
  ).toEqual([
    ['s0', ['enable', 'disable', 'describe', 'savings'], ['s4']],
    ['s1', ['enable', 'disable', 'describe', 'savings'], []],
    ['s2', [], ['s4']],
  ]);
  expect(can('nobody', tableOf(rows), SURROUNDINGS)).toMatchObject({
    subAccount: null,
    rights: [],
  });
});

test(
  'what can be done is what some request is allowed for, with a witness',
  () => {
    let count = 0;
    fc.assert(
      fc.property(randomRows, (rows) => {
        const table = tableOf(rows);
        const { rights } = can('a', table, SURROUNDINGS);
        for (const right of rights) expectTrue(right, rows);
        const told = new Set(
          rights.flatMap(({ statement, operations }) =>
            operations.map((one) => `${statement.id} ${one}`),
          ),
        );
        for (const request of everyRequest('a')) {
          const { reason, statements } = decideOn(table, request);
          const allowing = reason === 'allowed' ? statements : [];
          count += allowing.length;
          for (const id of allowing) expect(told).toContain(`${id} ${request.operation}`);
        }
      }),
      runs(4),
    );
    expect(count).toBeGreaterThan(20);
  },
  PATIENCE,
);

function expectTrue({ witness: request, operations, statement }: Right, rows: TestRow[]): void {
  expect(request === null).toBe(operations.length === 0);
  if (request === null) return;
  expect(witness(rows, testRequestOf(request))).toBe('allowed');
  expect(decideOn(tableOf(rows), testRequestOf(request)).statements).toContain(statement.id);
}
