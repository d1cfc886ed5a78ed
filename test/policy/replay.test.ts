import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RequestFacts } from '../../src/audit/record.ts';
import { closingBody, requestBody } from '../../src/audit/request-body.ts';
import { CALLS } from '../../src/policy/calls.ts';
import { replay } from '../../src/policy/replay.ts';
import { PATIENCE, runs } from '../support/runs.ts';
import { SURROUNDINGS } from './analysing.ts';
import {
  DESCRIBE,
  decideOn,
  decisionRequest,
  E,
  SET,
  SH,
  type TestRequest,
  type TestRow,
  tableOf,
  witness,
} from './asking.ts';
import { randomRequest, randomRows } from './random-tables.ts';

/** The closing record of a request, as it would be read back from a journal. */
function recordOf(rows: readonly TestRow[], request: TestRequest, requestId = 'r1') {
  const table = tableOf(rows);
  const { tenant, action, resource, context } = decisionRequest(table, request);
  const { sourceAddress, receivedAt, operation, configuration } = context;
  const said: RequestFacts = {
    requestId,
    traceId: null,
    receivedAt,
    peerAddress: null,
    sourceAddress,
    method: 'PUT',
    path: '/',
    tenant: { name: tenant, subject: tenant, issuer: 'i', tokenId: null },
    operation: {
      name: operation,
      region: resource.region,
      bucket: resource.path.split('/')[1] ?? '',
      action,
      resource: '',
      modes: configuration?.modes ?? null,
      suffixes: configuration?.suffixes ?? null,
      isDryRun: false,
    },
    bodySha256: null,
    decision: decideOn(table, request),
    subAccount: null,
    stateBefore: null,
    upstream: null,
  };
  const facts = requestBody(said, (at) => at.toISOString());
  const record = { kind: 'closing', ...facts, ...closingBody(null) };
  return JSON.parse(JSON.stringify(record)) as Record<string, unknown>;
}

async function* streamOf(records: readonly Record<string, unknown>[]) {
  yield* records;
}

const replayed = (records: readonly Record<string, unknown>[], rows: readonly TestRow[]) =>
  replay(streamOf(records), tableOf(rows), SURROUNDINGS);

const realCalls: readonly TestRequest[] = CALLS.map(({ operation, configuration }) => ({
  operation,
  ...configuration,
}));
const requests = fc.array(
  fc
    .tuple(randomRequest, fc.constantFrom(...realCalls))
    .map(([own, call]) => ({ ...own, ...call })),
  { minLength: 1, maxLength: 12 },
);

test(
  'the same table flips nothing',
  async () => {
    let unchanged = 0;
    await fc.assert(
      fc.asyncProperty(randomRows, requests, async (rows, asked) => {
        const found = await replayed(
          asked.map((one) => recordOf(rows, one)),
          rows,
        );
        expect(found.flips).toEqual([]);
        expect(found.decisions).toBe(asked.length);
        expect(found.unchanged + found.unknown).toBe(asked.length);
        unchanged += found.unchanged;
      }),
      runs(80),
    );
    expect(unchanged).toBeGreaterThan(100);
  },
  PATIENCE,
);

test(
  'what is said of a record is true whatever the facts were that it does not have',
  async () => {
    const counts = { unchanged: 0, flipped: 0, unknown: 0 };
    await fc.assert(
      fc.asyncProperty(randomRows, randomRows, requests, async (rows, proposed, [request = {}]) => {
        const found = await replayed([recordOf(rows, request)], proposed);
        counts.unchanged += found.unchanged;
        counts.flipped += found.flipped;
        counts.unknown += found.unknown;
        if (found.unknown === 1) return;
        const was = witness(rows, request) === 'allowed';
        for (const facts of factsBeside(request)) {
          const is = witness(proposed, { ...request, ...facts }) === 'allowed';
          expect([request, is !== was]).toEqual([request, found.flipped === 1]);
        }
      }),
      runs(250),
    );
    for (const count of Object.values(counts)) expect(count).toBeGreaterThan(5);
  },
  PATIENCE,
);

const ALLOW: TestRow = { effect: 'allow', action: [SET, DESCRIBE], resource: `${SH}/${E}/*` };
const DENY_OFF: TestRow = {
  effect: 'deny',
  action: SET,
  resource: '*',
  condition: { string_equal: { 'slimgate:operation': 'disable' } },
};
const DENY_OUTSIDE: TestRow = {
  effect: 'deny',
  action: '*',
  resource: '*',
  condition: { ip_not_equal: { 'qcs:ip': '10.0.0.0/8' } },
};
const FOR_WEB: TestRow = {
  ...ALLOW,
  condition: { string_equal: { 'slimgate:claim/team': 'web' } },
};

test('what would flip is told by tenant and operation, with counts and the latest examples', async () => {
  const records = Array.from({ length: 7 }, (_, index) =>
    recordOf([ALLOW], { operation: 'disable' }, `off-${index}`),
  );
  records.push(recordOf([ALLOW], {}, 'on'), recordOf([ALLOW], { tenant: 'b' }, 'b'));
  const found = await replayed(records, [ALLOW, DENY_OFF, { ...ALLOW, principal: 'tenant/b' }]);
  expect(found).toMatchObject({
    decisions: 9,
    unchanged: 1,
    flipped: 8,
    unknown: 0,
    flips: [
      { tenant: 'a', operation: 'disable', becomes: 'deny', count: 7 },
      { tenant: 'b', operation: 'enable', becomes: 'allow', count: 1 },
    ],
  });
  expect(found.flips[0]?.examples.map(({ requestId }) => requestId)).toEqual(
    [2, 3, 4, 5, 6].map((index) => `off-${index}`),
  );
  expect(found.flips[0]?.examples[0]?.after).toMatchObject({
    reason: 'explicit-deny',
    statements: ['s1'],
  });
});

const ONLY_ON = { string_equal: { 'slimgate:operation': 'enable' } };

/** What a record lacks, and when that matters. */
const MISSING: Readonly<Record<string, readonly [TestRow[], TestRequest, string | null]>> = {
  'a claim that an allow asks for': [[FOR_WEB], {}, 'claim/team'],
  'a claim, and another allow does without': [[FOR_WEB, ALLOW], {}, null],
  'a claim, and a deny does without': [[FOR_WEB, { ...DENY_OFF, condition: ONLY_ON }], {}, null],
  'a claim that a deny asks for': [[ALLOW, { ...FOR_WEB, effect: 'deny' }], {}, 'claim/team'],
  'a claim that a deny asks for where nothing is allowed': [
    [{ ...FOR_WEB, effect: 'deny' }],
    {},
    null,
  ],
  'an address that a deny asks for': [[ALLOW, DENY_OUTSIDE], { ip: null }, 'qcs:ip'],
  'an address that is there': [[ALLOW, DENY_OUTSIDE], { ip: '10.1.1.1' }, null],
  'a claim of a statement that has ended': [
    [{ ...FOR_WEB, expires: '2026-01-01T00:00:00Z' }],
    {},
    null,
  ],
  'a claim of a statement on another bucket': [
    [{ ...FOR_WEB, resource: `${SH}/other-*` }],
    {},
    null,
  ],
};

test.for(Object.entries(MISSING))('a record that lacks %s', async ([, [rows, request, key]]) => {
  const { unknown, notReplayable } = await replayed([recordOf([ALLOW], request)], rows);
  expect(unknown).toBe(key === null ? 0 : 1);
  if (key !== null) expect(notReplayable).toMatchObject([{ tenant: 'a', count: 1 }]);
  expect(notReplayable.map(({ why }) => why).join()).toContain(key ?? '');
});

test('a record of which a part was cut is not replayable, and one without a decision is none', async () => {
  const whole = recordOf([ALLOW], {});
  const operation = whole.operation as Record<string, unknown>;
  const cut = { ...whole, operation: { ...operation, bucket: 'examplebucket…' } };
  const lost = { ...whole, operation: { ...operation, suffixes: null } };
  const none = { ...whole, decision: { effect: null } };
  const found = await replayed([cut, lost, none, { kind: 'checkpoint' }], [ALLOW]);
  expect(found).toMatchObject({ decisions: 2, unknown: 2, unchanged: 0, flipped: 0 });
  expect(found.notReplayable.map(({ why }) => why)).toEqual([
    'the record does not say the bucket',
    'the record does not say what would have been set',
  ]);
});

/** What a request may have had that its record does not tell. */
function factsBeside({ ip }: TestRequest): TestRequest[] {
  const claimSets = [{}, { team: 'web' }, { team: 'Web', level: 5 }, { team: ['ads', 'web-eu'] }];
  const addresses = ip === null ? [null, '10.1.2.3', '2001:db8::1'] : [ip];
  return claimSets.flatMap((claims) =>
    addresses.map((one) => (one === undefined ? { claims } : { claims, ip: one })),
  );
}
