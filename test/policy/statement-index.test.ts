import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_LISTED } from '../../src/policy/decide.ts';
import { pathKeys } from '../../src/policy/path-words.ts';
import type { PolicyTable } from '../../src/policy/policy-table.ts';
import { bucketResource } from '../../src/policy/resource.ts';
import { runsAbout } from '../../src/policy/statement-index.ts';
import { APP_ID, decideOn, OWNER_UIN, SET, SH, type TestRow, tableOf, witness } from './asking.ts';

const ALLOW: TestRow = { effect: 'allow', action: SET, resource: '*' };
const onPath = (path: string): TestRow => ({ ...ALLOW, resource: `${SH}/${path}` });

/** How many statements a decision about a bucket looks at, before it knows whether they apply. */
function lookedAt(table: PolicyTable, bucket: string): number {
  const account = { appId: APP_ID, ownerUin: OWNER_UIN };
  const resource = bucketResource({ region: 'ap-shanghai', bucket }, account);
  const { drawers } = table.index;
  const runs = runsAbout(resource, [drawers.tenant.get('a')], table.index.runs);
  return runs.reduce((sum, { start, end }) => sum + end - start, 0);
}

describe('a decision looks at as many statements among 3,000 as among 10', () => {
  test.for<readonly [name: string, rowOf: (n: number) => TestRow]>([
    ['a bucket each', (n) => onPath(`photos-x-${n}-y-${APP_ID}/*`)],
    ['a bucket each, to its end', (n) => onPath(`photos-x-${n}-y-${APP_ID}/`)],
    ['a beginning of names each', (n) => onPath(`photos-x-${n}-*`)],
    ['an end of names each', (n) => onPath(`*x-${n}-y-${APP_ID}/`)],
    ['a part of names each', (n) => onPath(`*-${n}-*/*`)],
    ['a beginning and an end each', (n) => onPath(`photos-*-${n}-y-${APP_ID}/*`)],
    ['a list of two buckets each', (n) => ({ ...ALLOW, resource: [n, n + 1].map(bucketPattern) })],
    ['all the same', () => onPath('photos-*')],
    [
      'the same bucket and condition',
      () => ({ ...ALLOW, condition: { ip_equal: { 'qcs:ip': '10.0.0.0/8' } } }),
    ],
  ])('%s', ([, rowOf]) => {
    const rows = Array.from({ length: 3_000 }, (_, n) => rowOf(n));
    const bucket = `photos-x-7-y-${APP_ID}`;
    const few = lookedAt(tableOf(rows.slice(0, 10)), bucket);
    const table = tableOf(rows);
    expect(lookedAt(table, bucket)).toBeLessThanOrEqual(few);
    expect(decideOn(table, { bucket }).reason).toBe('allowed');
  });
});

function bucketPattern(n: number): string {
  return `${SH}/photos-x-${n}-y-${APP_ID}/*`;
}

const piece = fc.constantFrom('a', 'b', 'ab', '-', '.', '-a', 'b-', '/');
const bucketName = fc
  .array(fc.constantFrom('a', 'b', '-', 'ab', '.'), { minLength: 1, maxLength: 6 })
  .map((pieces) => `${pieces.join('')}-${APP_ID}`);
const pathPattern = fc
  .tuple(
    fc.array(fc.oneof(piece, fc.constant('*')), { maxLength: 6 }),
    fc.constantFrom('*', '', `-${APP_ID}/*`, `*-${APP_ID}/`, '/*'),
  )
  // A star directly behind a letter or digit is refused.
  .map(([pieces, end]) => `${[...pieces, end].join('')}`.replace(/([a-z0-9])\*/gi, '$1-*'));

const wildRow: fc.Arbitrary<TestRow> = fc.record({
  effect: fc.constantFrom('allow' as const, 'allow' as const, 'deny' as const),
  principal: fc.constantFrom('tenant/a', 'tenant/a', 'sub-account/media'),
  action: fc.constantFrom(SET, 'ci:Set*', '*'),
  resource: fc
    .array(
      fc.oneof(
        { weight: 9, arbitrary: pathPattern.map((path) => `${SH}/${path}`) },
        { weight: 1, arbitrary: fc.constantFrom('*', 'qcs::ci:::*', 'qcs:::::*a-*') },
      ),
      { minLength: 1, maxLength: 3 },
    )
    .map((patterns) => patterns.map((pattern) => pattern.replace(/\*+/g, '*'))),
});

test('tables with stars in all places decide as the naive evaluator does', () => {
  const seen = new Map<string, number>();
  const rows = fc.array(wildRow, { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(rows, fc.array(bucketName, { minLength: 8, maxLength: 8 }), (table, buckets) => {
      const compiled = tableOf(table);
      for (const bucket of buckets) {
        const { reason } = decideOn(compiled, { bucket });
        expect(reason).toBe(witness(table, { bucket }));
        seen.set(reason, (seen.get(reason) ?? 0) + 1);
      }
    }),
    { numRuns: 300 },
  );
  for (const reason of ['allowed', 'explicit-deny', 'default-deny']) {
    expect(seen.get(reason)).toBeGreaterThan(50);
  }
});

test('a decision names every statement that decides, as long as they are few', () => {
  const patterns = ['photos-*', '*-x-*', `photos-7-x-${APP_ID}/*`, '*', `*-${APP_ID}/`].map(onPath);
  const { statements } = decideOn(tableOf(patterns), { bucket: `photos-7-x-${APP_ID}` });
  expect(statements.toSorted()).toEqual(['s0', 's1', 's2', 's3', 's4']);
});

test('a statement is named once, however many of its patterns match', () => {
  const row = { ...ALLOW, resource: ['*', `${SH}/*`, `${SH}/photos-*`, `${SH}/photos-*/*`] };
  expect(decideOn(tableOf([row]), { bucket: `photos-7-${APP_ID}` }).statements).toEqual(['s0']);
});

test.for(['allow', 'deny'] as const)('at most 32 statements are named: %s', (effect) => {
  const alike = Array.from({ length: 100 }, () => ({ ...ALLOW, effect }));
  const unlike = alike.map((row, n) => ({
    ...row,
    condition: { string_not_equal: { 'slimgate:claim/team': `t${n}` } },
  }));
  for (const rows of [alike, unlike]) {
    const { statements } = decideOn(tableOf(rows), { claims: { team: 'web' } });
    expect(new Set(statements).size).toBe(MAX_LISTED);
    expect(MAX_LISTED).toBe(32);
  }
});

test('a deny that is certain is found behind any number of denials that are open', () => {
  const deny: TestRow = { ...ALLOW, effect: 'deny' };
  const open = Array.from({ length: 100 }, (_, n) => ({
    ...deny,
    condition: { string_equal: { 'slimgate:claim/team': `t${n}` } },
  }));
  const table = tableOf([ALLOW, ...open, { ...deny, id: 'certain' }]);
  expect(decideOn(table, {})).toMatchObject({
    reason: 'explicit-deny',
    statements: ['certain'],
  });
});

test('statements that differ in their condition alone stay apart', () => {
  const rows = Array.from({ length: 20 }, (_, n) => ({
    ...ALLOW,
    condition: { string_equal: { 'slimgate:claim/team': `t${n % 10}` } },
  }));
  const { statements } = decideOn(tableOf(rows), { claims: { team: 't3' } });
  expect(statements).toEqual(['s3', 's13']);
});

const FNV_PRIME = 0x01000193;
/** Its inverse modulo 2^32. */
const FNV_UNDO = 0x359c449b;
const hashOn = (start: number, text: string) =>
  Buffer.from(text).reduce((hash, code) => Math.imul(hash ^ code, FNV_PRIME), start);
const hashBack = (end: number, text: string) =>
  Buffer.from(text).reduceRight((hash, code) => Math.imul(hash, FNV_UNDO) ^ code, end);
const PIECES = ['', '', ''].reduce(
  (texts) => texts.flatMap((text) => Array.from('abcdefghijklmnopqrst', (one) => text + one)),
  Array.from('abcdefghijklmnopqrst'),
);

/** A name of eight letters by which a bucket's whole path has this hash. */
function bucketWithHash(wanted: number): string {
  const start = hashOn(pathKeys('').beginnings[0] ?? 0, 'bucket/');
  const end = `-${APP_ID}/`;
  const firsts = new Map(PIECES.map((first) => [hashOn(start, first), first]));
  const back = hashBack(wanted, end);
  for (const last of PIECES) {
    const first = firsts.get(hashBack(back, last));
    if (first !== undefined) return `${first}${last}-${APP_ID}`;
  }
  throw new Error('there is no such name');
}

test('a statement of another tenant decides nothing, though its key be made the same', () => {
  const table = tableOf([onPath(`other-${APP_ID}/`), { ...ALLOW, principal: 'tenant/b' }]);
  const [own, theirs] = ['a', 'b'].map((name) => table.index.drawers.tenant.get(name));
  const everything = theirs?.keyOf(pathKeys('').beginnings[0] ?? 0) ?? 0;
  const bucket = bucketWithHash(own?.keyOf(everything) ?? 0);
  expect(lookedAt(table, bucket)).toBe(1);
  expect(decideOn(table, { bucket }).reason).toBe('default-deny');
  expect(decideOn(table, { bucket, tenant: 'b' }).reason).toBe('allowed');
});
