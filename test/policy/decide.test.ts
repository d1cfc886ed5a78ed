import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { decide } from '../../src/policy/decide.ts';
import { parsePolicyTable } from '../../src/policy/parse-table.ts';
import { bucketResource } from '../../src/policy/resource.ts';
import { matchWildcard } from '../../src/policy/wildcard.ts';
import { glob, naiveDecision } from './naive-evaluator.ts';

const APP_ID = '1250000000';
const OWNER_UIN = '100000000001';
const SUB_ACCOUNTS = new Set(['media', 'spare']);
const E = `examplebucket-${APP_ID}`;
const P = `prod-${APP_ID}`;
const T = `test-${APP_ID}`;
const SH = `qcs::ci:ap-shanghai:uid/${APP_ID}:bucket`;

interface Asked {
  action: string;
  bucket: string;
  region?: string;
  tenant?: string;
}

interface Row {
  effect: 'allow' | 'deny';
  action: string | string[];
  resource: string | string[];
  principal?: string;
}

function tableOf(rows: readonly Row[]): string {
  return stringify({
    version: 1,
    tenants: { a: { subAccount: 'media' }, b: { subAccount: 'media' }, c: { subAccount: 'spare' } },
    statements: rows.map((row, index) => ({ id: `s${index}`, principal: 'tenant/a', ...row })),
  });
}

function decideOn(text: string, { action, bucket, region = 'ap-shanghai', tenant = 'a' }: Asked) {
  const table = parsePolicyTable(text, SUB_ACCOUNTS);
  const name = table.subAccountOf.get(tenant);
  const account = { appId: APP_ID, ownerUin: OWNER_UIN };
  const appId = bucket.slice(bucket.lastIndexOf('-') + 1);
  const resource = bucketResource({ region, bucket }, { appId, ownerUin: OWNER_UIN });
  const subAccount = name === undefined ? null : { name, account };
  return decide({ tenant, action, resource, subAccount }, table);
}

const SET = 'ci:SetImageSlim';
const DESCRIBE = 'ci:DescribeImageSlim';
const ALLOW_E: Row = { effect: 'allow', action: [SET, DESCRIBE], resource: `${SH}/${E}/*` };
const EVERYTHING: Row = { effect: 'allow', action: 'ci:*', resource: '*' };
const DENY_P: Row = { effect: 'deny', action: SET, resource: `${SH}/${P}/*` };

describe('the documented rules', () => {
  const cases: readonly (readonly [string, readonly Row[], Asked, string])[] = [
    ['an operator may set', [ALLOW_E], { action: SET, bucket: E }, 'allowed'],
    ['an operator may describe', [ALLOW_E], { action: DESCRIBE, bucket: E }, 'allowed'],
    ['another bucket is not named', [ALLOW_E], { action: SET, bucket: P }, 'default-deny'],
    [
      'another action is not named',
      [ALLOW_E],
      { action: 'ci:SetImageGuetzli', bucket: E },
      'default-deny',
    ],
    [
      'another region is not named',
      [ALLOW_E],
      { action: SET, bucket: E, region: 'ap-guangzhou' },
      'default-deny',
    ],
    [
      'a reader reads everywhere',
      [{ effect: 'allow', action: DESCRIBE, resource: `qcs::ci::uid/${APP_ID}:bucket/*` }],
      { action: DESCRIBE, bucket: P, region: 'ap-beijing' },
      'allowed',
    ],
    [
      'a reader does not write',
      [{ effect: 'allow', action: DESCRIBE, resource: `qcs::ci::uid/${APP_ID}:bucket/*` }],
      { action: SET, bucket: E },
      'default-deny',
    ],
    [
      'a deny wins over a wide allow',
      [EVERYTHING, DENY_P],
      { action: SET, bucket: P },
      'explicit-deny',
    ],
    [
      'a deny wins when it stands first',
      [DENY_P, EVERYTHING],
      { action: SET, bucket: P },
      'explicit-deny',
    ],
    [
      'a deny leaves other buckets alone',
      [EVERYTHING, DENY_P],
      { action: SET, bucket: T },
      'allowed',
    ],
    [
      'a deny leaves other actions alone',
      [EVERYTHING, DENY_P],
      { action: DESCRIBE, bucket: P },
      'allowed',
    ],
    [
      'a prefix of actions covers them',
      [{ effect: 'allow', action: 'name/ci:Describe*', resource: '*' }],
      { action: DESCRIBE, bucket: E },
      'allowed',
    ],
    [
      'a prefix of actions covers no other',
      [{ effect: 'allow', action: 'name/ci:Describe*', resource: '*' }],
      { action: SET, bucket: E },
      'default-deny',
    ],
    [
      'a statement on another account’s buckets does not apply',
      [{ effect: 'allow', action: SET, resource: 'qcs::ci:ap-shanghai:uid/1259999999:bucket/*' }],
      { action: SET, bucket: E },
      'default-deny',
    ],
    [
      'a cos resource matches nothing of ci',
      [{ effect: 'allow', action: SET, resource: `qcs::cos:ap-shanghai:uid/${APP_ID}:${E}/*` }],
      { action: SET, bucket: E },
      'default-deny',
    ],
    [
      'an empty account segment means the owner of the policy',
      [{ effect: 'allow', action: SET, resource: `qcs::ci:ap-shanghai::bucket/${E}/*` }],
      { action: SET, bucket: E },
      'allowed',
    ],
    [
      'a main account’s uin names it as well',
      [{ effect: 'allow', action: SET, resource: `qcs::ci::uin/${OWNER_UIN}:bucket/${E}/*` }],
      { action: SET, bucket: E },
      'allowed',
    ],
    [
      'without the trailing slash and star a bucket is not matched',
      [{ effect: 'allow', action: SET, resource: `${SH}/${E}` }],
      { action: SET, bucket: E },
      'default-deny',
    ],
    ['without any statement all is denied', [], { action: SET, bucket: E }, 'default-deny'],
    [
      'another tenant’s statement is nobody else’s',
      [ALLOW_E],
      { action: SET, bucket: E, tenant: 'b' },
      'default-deny',
    ],
    [
      'a tenant outside the table is denied',
      [EVERYTHING],
      { action: SET, bucket: E, tenant: 'zz' },
      'unknown-tenant',
    ],
    [
      'a prototype’s name is no tenant',
      [EVERYTHING],
      { action: SET, bucket: E, tenant: 'constructor' },
      'unknown-tenant',
    ],
    [
      'a foreign APPID is refused before any statement',
      [EVERYTHING],
      { action: SET, bucket: 'x-1259999999' },
      'other-account',
    ],
    [
      'a sub-account’s statement holds for its tenants',
      [{ ...ALLOW_E, principal: 'sub-account/media' }],
      { action: SET, bucket: E, tenant: 'b' },
      'allowed',
    ],
    [
      'and for no other sub-account’s tenants',
      [{ ...ALLOW_E, principal: 'sub-account/media' }],
      { action: SET, bucket: E, tenant: 'c' },
      'default-deny',
    ],
    [
      'a sub-account’s deny wins over the tenant’s allow',
      [EVERYTHING, { ...DENY_P, principal: 'sub-account/media' }],
      { action: SET, bucket: P },
      'explicit-deny',
    ],
  ];
  test.for(cases)('%s', ([, rows, asked, reason]) => {
    const decision = decideOn(tableOf(rows), asked);
    expect(decision.reason).toBe(reason);
    expect(decision.effect).toBe(reason === 'allowed' ? 'allow' : 'deny');
  });
});

test('a decision names the statements it rests on, and the table', () => {
  const text = tableOf([EVERYTHING, DENY_P, { ...DENY_P, resource: '*' }]);
  const { statements, tableVersion } = decideOn(text, { action: SET, bucket: P });
  expect(statements).toEqual(['s1', 's2']);
  expect(tableVersion).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(decideOn(`${text}\n`, { action: SET, bucket: P }).tableVersion).not.toBe(tableVersion);
});

const row = fc.record({
  effect: fc.constantFrom('allow' as const, 'deny' as const),
  principal: fc.constantFrom('tenant/a', 'tenant/b', 'sub-account/media', 'sub-account/spare'),
  action: fc.subarray([SET, DESCRIBE, 'ci:*', '*', 'name/ci:Set*', 'ci:SetImage*'], {
    minLength: 1,
  }),
  resource: fc.subarray(
    [
      '*',
      `${SH}/${E}/*`,
      `${SH}/${P}/*`,
      `${SH}/*`,
      `${SH}/test-*`,
      `qcs::ci::uid/${APP_ID}:bucket/${T}/*`,
      `qcs:::ap-beijing:uin/${OWNER_UIN}:bucket/*`,
      `qcs::*:*:*:*`,
      `qcs::ci:ap-shanghai::bucket/*/`,
      `qcs::cos:ap-shanghai:uid/${APP_ID}:${E}/*`,
    ],
    { minLength: 1, maxLength: 3 },
  ),
});
const asked = fc.record({
  tenant: fc.constantFrom('a', 'b', 'c', 'd'),
  action: fc.constantFrom(SET, DESCRIBE),
  region: fc.constantFrom('ap-shanghai', 'ap-beijing'),
  bucket: fc.constantFrom(E, P, T, 'x-1259999999'),
});

test('random tables decide as the naive evaluator does', () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 6 }), asked, (rows, request) => {
      const text = tableOf(rows);
      const witness = naiveDecision(text, { ...request, appId: APP_ID, ownerUin: OWNER_UIN });
      expect(decideOn(text, request).effect).toBe(witness);
    }),
    { numRuns: 2_000 },
  );
});

test('wildcards match as a character by character comparison does', () => {
  const part = fc.stringMatching(/^[ab*./-]{0,8}$/);
  fc.assert(
    fc.property(part, fc.stringMatching(/^[ab./-]{0,10}$/), (pattern, text) => {
      expect(matchWildcard(pattern, text)).toBe(glob(pattern, text));
    }),
    { numRuns: 20_000 },
  );
});

test('letters that mean something in regular expressions mean themselves', () => {
  expect(matchWildcard('a.b', 'axb')).toBe(false);
  expect(matchWildcard('(a+)+$', 'aaaa')).toBe(false);
  expect(matchWildcard('(a+)+$', '(a+)+$')).toBe(true);
});
