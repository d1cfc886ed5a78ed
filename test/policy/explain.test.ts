import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Explanation, explain } from '../../src/policy/explain.ts';
import { explanationLines } from '../../src/policy/wording.ts';
import { PATIENCE, runs } from '../support/runs.ts';
import { testRequestOf } from './analysing.ts';
import {
  DESCRIBE,
  decisionRequest,
  E,
  P,
  SET,
  SH,
  type TestRequest,
  type TestRow,
  tableOf,
  witness,
} from './asking.ts';
import { CALLS, randomRequest, randomRows } from './random-tables.ts';

const withIds = (rows: readonly TestRow[]) =>
  rows.map((row, index) => ({ id: `s${index}`, ...row }));

function explained(rows: readonly TestRow[], request: TestRequest): Explanation {
  const table = tableOf(rows);
  return explain(decisionRequest(table, request), table);
}

const call = fc.constantFrom(...CALLS.filter(({ action }) => action === undefined));
const strength = ['explicit-deny', 'undecidable-deny', 'allowed', 'default-deny'];

test(
  'without the statements that an explanation names, the decision is another one',
  () => {
    fc.assert(
      fc.property(randomRows.map(withIds), randomRequest, call, (rows, request, own) => {
        const asked = { ...request, ...own };
        const { decision, deciding } = explained(rows, asked);
        expect(deciding.map(({ id }) => id).sort()).toEqual([...decision.statements].sort());
        if (deciding.length === 0) return;
        const named = new Set(deciding.map(({ id }) => id.split('/')[0]));
        const after = witness(
          rows.filter(({ id }) => !named.has(id)),
          asked,
        );
        expect(strength.indexOf(after)).toBeGreaterThan(strength.indexOf(decision.reason));
      }),
      runs(120),
    );
  },
  PATIENCE,
);

test(
  'a request that satisfies the nearest miss is allowed, by both evaluators',
  () => {
    let count = 0;
    fc.assert(
      fc.property(randomRows.map(withIds), randomRequest, call, (rows, request, own) => {
        const asked = { ...request, ...own };
        const { decision, nearestMiss } = explained(rows, asked);
        expect(nearestMiss === null || decision.reason === 'default-deny').toBe(true);
        if (nearestMiss?.allowed == null) return;
        expect(nearestMiss.misses.length).toBeGreaterThan(0);
        expect(witness(rows, testRequestOf(nearestMiss.allowed))).toBe('allowed');
        count += 1;
      }),
      runs(400),
    );
    expect(count).toBeGreaterThan(15);
  },
  PATIENCE,
);

test('without denies there is a nearest miss whenever some request could be allowed', () => {
  const CASES: readonly (readonly [TestRow, TestRequest])[] = [
    [{ ...ALLOW, resource: `${SH}/*-two-*/*` }, {}],
    [{ ...ALLOW, expires: '2020-01-01T00:00:00Z' }, {}],
    [{ ...ALLOW, condition: { numeric_less_than: { 'slimgate:claim/level': 3 } } }, {}],
    [{ ...ALLOW, condition: { null_equal: { 'slimgate:claim/x': true } } }, { claims: { x: 1 } }],
    [{ ...ALLOW, condition: { 'for_all_value:string_like': { 'slimgate:suffix': 'p*' } } }, {}],
    [{ ...ALLOW, condition: { ip_not_equal: { 'qcs:ip': '0.0.0.0/0' } } }, {}],
    [{ ...ALLOW, action: DESCRIBE }, {}],
  ];
  for (const [row, request] of CASES) {
    expect(explained([row], request).nearestMiss).toMatchObject({
      statement: 's0',
      allowed: expect.anything(),
    });
  }
  const never = { date_less_than: { 'qcs:current_time': '2026-01-01T00:00:00Z' } };
  const later = { date_greater_than: { 'qcs:current_time': '2026-02-01T00:00:00Z' } };
  expect(explained([{ ...ALLOW, condition: { ...never, ...later } }], {}).nearestMiss).toBeNull();
  expect(explained([{ ...ALLOW, action: 'ci:SetRefer' }], {}).nearestMiss).toBeNull();
});

const ALLOW: TestRow = { effect: 'allow', action: SET, resource: `${SH}/${E}/*` };
const PNG = { 'for_all_value:string_equal': { 'slimgate:suffix': 'png' } };

/** What is said of the statement that came closest. */
const WORDS: readonly (readonly [why: string, rows: TestRow[], TestRequest, string[]])[] = [
  ['an allow', [ALLOW], {}, ['allowed by `s0`']],
  ['nothing at all', [], {}, ['denied: no statement allows it']],
  [
    'another bucket',
    [ALLOW],
    { bucket: P },
    [
      'denied: no statement allows it',
      `closest is \`s0\`: its resource is \`bucket/${E}/*\`, not \`bucket/${P}/\``,
    ],
  ],
  [
    'another region',
    [ALLOW],
    { region: 'ap-beijing' },
    [
      'denied: no statement allows it',
      'closest is `s0`: its region is `ap-shanghai`, not `ap-beijing`',
    ],
  ],
  [
    'another suffix, before another bucket and another action',
    [
      { ...ALLOW, resource: `${SH}/${P}/*` },
      { ...ALLOW, action: DESCRIBE },
      { ...ALLOW, condition: PNG },
    ],
    { suffixes: ['jpg'] },
    [
      'denied: no statement allows it',
      'closest is `s2`: its condition `for_all_value:string_equal` on `slimgate:suffix` wants `png`, and the request has `["jpg"]`',
    ],
  ],
  [
    'a claim that is missing',
    [{ ...ALLOW, condition: { string_equal: { 'slimgate:claim/team': ['web', 'ads'] } } }],
    {},
    [
      'denied: no statement allows it',
      'closest is `s0`: its condition `string_equal` on `slimgate:claim/team` wants `web` or `ads`, and the request does not have it',
    ],
  ],
  [
    'an end',
    [{ ...ALLOW, expires: '2026-01-01T00:00:00Z' }],
    {},
    ['denied: no statement allows it', 'closest is `s0`: it ended at 2026-01-01T00:00:00.000Z'],
  ],
  [
    'another bucket, and a deny behind it',
    [ALLOW, { effect: 'deny', action: '*', resource: `${SH}/${E}/*` }],
    { bucket: P },
    [
      'denied: no statement allows it',
      `closest is \`s0\`: its resource is \`bucket/${E}/*\`, not \`bucket/${P}/\`; and then \`s1\` would deny it`,
    ],
  ],
  [
    'a deny that cannot be told',
    [{ effect: 'deny', action: '*', resource: '*', condition: PNG }],
    { operation: 'disable' },
    [
      'denied by `s0`, because it cannot be told whether its condition holds',
      '`s0`: its condition `for_all_value:string_equal` on `slimgate:suffix` wants `png`, and the request does not have it',
    ],
  ],
  ['a stranger', [], { tenant: 'z' }, ['denied: the tenant is not in the table']],
  [
    'a bucket of others',
    [ALLOW],
    { bucket: 'x-1259999999' },
    ['denied: the bucket is not of the sub-account’s main account'],
  ],
];

test.for(WORDS)('in words: %s', ([, rows, request, lines]) => {
  expect(explanationLines(explained(rows, request))).toEqual(lines);
});

test('the nearest miss is found among the first statements alone when so many are looked at', () => {
  const far = Array.from({ length: 50 }, (): TestRow => ({ ...ALLOW, action: DESCRIBE }));
  const table = tableOf([...far, { ...ALLOW, condition: PNG }]);
  const request = decisionRequest(table, { suffixes: ['jpg'] });
  expect(explain(request, table).nearestMiss?.statement).toBe('s50');
  expect(explain(request, table, 50).nearestMiss?.statement).toBe('s0');
});
