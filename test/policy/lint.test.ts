import { expect, test } from 'vitest';
import { LINT_CODES } from '../../src/policy/findings.ts';
import { lint } from '../../src/policy/lint.ts';
import { REGIONS, SURROUNDINGS } from './analysing.ts';
import { APP_ID, DESCRIBE, E, SET, SH, type TestRow, tableOf } from './asking.ts';

/** Every tenant has something, so that none is unreachable. */
const BASE: readonly TestRow[] = ['a', 'b', 'c'].map((tenant) => ({
  id: `base-${tenant}`,
  principal: `tenant/${tenant}`,
  effect: 'allow',
  action: DESCRIBE,
  resource: `qcs::ci:ap-beijing:uid/${APP_ID}:bucket/base-${APP_ID}/*`,
}));

const linted = (...rows: TestRow[]) =>
  lint(tableOf([...BASE, ...rows.map((row, index) => ({ id: `r${index}`, ...row }))]), {
    ...SURROUNDINGS,
    regions: REGIONS,
  }).map(({ code, severity, statement, tenant }) => [code, severity, statement ?? tenant]);

const ALLOW: TestRow = { effect: 'allow', action: SET, resource: `${SH}/${E}/*` };
const DENY: TestRow = { ...ALLOW, effect: 'deny' };
const condition = (operator: string, key: string, value: unknown) => ({
  condition: { [operator]: { [key]: value } },
});

type Found = readonly (readonly [code: string, severity: string, subject: string])[];

const CASES: Readonly<Record<string, readonly [TestRow[], Found]>> = {
  'nothing to say': [[ALLOW], []],
  'a row that has ended': [
    [{ ...ALLOW, expires: '2026-06-01T12:00:00Z' }],
    [['expired', 'warning', 'r0']],
  ],
  'a row that ends later': [[{ ...ALLOW, expires: '2026-06-01T12:00:01Z' }], []],
  'an allow whose time is over': [
    [{ ...ALLOW, ...condition('date_less_than', 'qcs:current_time', '2026-01-01T00:00:00Z') }],
    [['never-holds', 'warning', 'r0']],
  ],
  'a deny whose time is over': [
    [{ ...DENY, ...condition('date_less_than', 'qcs:current_time', '2026-01-01T00:00:00Z') }],
    [['never-holds', 'error', 'r0']],
  ],
  'a time that is still to come': [
    [{ ...ALLOW, ...condition('date_greater_than', 'qcs:current_time', '2030-01-01T00:00:00Z') }],
    [],
  ],
  'a window that has no inside': [
    [
      {
        ...ALLOW,
        condition: {
          date_greater_than: { 'qcs:current_time': '2030-01-01T00:00:00Z' },
          date_less_than: { 'qcs:current_time': '2029-01-01T00:00:00Z' },
        },
      },
    ],
    [['never-holds', 'warning', 'r0']],
  ],
  'an operation that the action never is': [
    [{ ...ALLOW, ...condition('string_equal', 'slimgate:operation', 'describe') }],
    [['never-holds', 'warning', 'r0']],
  ],
  'a claim that cannot be both': [
    [
      {
        ...ALLOW,
        condition: {
          string_equal: { 'slimgate:claim/team': 'web' },
          string_like: { 'slimgate:claim/team': 'ads*' },
        },
      },
    ],
    [['never-holds', 'warning', 'r0']],
  ],
  'a bucket without what is in it': [
    [{ ...ALLOW, resource: `${SH}/${E}` }],
    [['resource-never-matches', 'warning', 'r0']],
  ],
  'a deny of a bucket without what is in it': [
    [{ ...DENY, resource: [`${SH}/${E}`] }],
    [['resource-never-matches', 'error', 'r0']],
  ],
  'a name that no bucket can have': [
    [{ ...ALLOW, resource: `qcs::ci:ap-shanghai::bucket/Upper-${APP_ID}/*` }],
    [['resource-never-matches', 'warning', 'r0']],
  ],
  'an object in a bucket': [
    [{ ...ALLOW, resource: `${SH}/${E}/a.jpg` }],
    [['resource-never-matches', 'warning', 'r0']],
  ],
  'a region that is not known': [
    [{ ...ALLOW, resource: `qcs::ci:ap-shangai:uid/${APP_ID}:bucket/*` }],
    [['unknown-region', 'warning', 'r0']],
  ],
  'another account': [
    [{ ...ALLOW, resource: 'qcs::ci::uid/1259999999:bucket/*' }],
    [['other-account', 'warning', 'r0']],
  ],
  'another main account': [
    [{ ...DENY, resource: 'qcs::ci::uin/100000000009:bucket/*' }],
    [['other-account', 'error', 'r0']],
  ],
  'a resource of another service': [
    [{ ...ALLOW, action: ['cos:PutObject', SET], resource: [`${SH}/${E}/*`, 'qcs::cos:::x/*'] }],
    [
      ['action-never-asked', 'note', 'r0'],
      ['other-service', 'note', 'r0'],
    ],
  ],
  'nothing in a statement about objects to be measured': [
    [{ ...ALLOW, action: 'cos:GetObject', resource: 'qcs::cos:::x/*' }],
    [],
  ],
  'an action of another operation': [
    [{ ...ALLOW, action: 'ci:SetRefer' }],
    [['action-never-asked', 'warning', 'r0']],
  ],
  'an action that is about no bucket': [
    [{ ...DENY, action: [SET, 'ci:DescribeCIBuckets'] }],
    [
      ['action-never-asked', 'note', 'r0'],
      ['action-needs-star', 'error', 'r0'],
    ],
  ],
  'a condition on the address': [
    [{ ...ALLOW, ...condition('ip_equal', 'qcs:ip', '10.0.0.0/8') }],
    [['ip-not-in-cam', 'note', 'r0']],
  ],
  'an allow of everything, which takes in the gateway’s own management': [
    [
      {
        effect: 'allow',
        action: '*',
        resource: '*',
        ...condition('bool_equal', 'slimgate:claim/x', true),
      },
    ],
    [['grants-management', 'note', 'r0']],
  ],
  'nothing in management that is named, nor in all on buckets': [
    [
      { effect: 'allow', action: ['slimgate:ApplyPolicy', SET], resource: '*' },
      { ...ALLOW, principal: 'tenant/c', action: 'slimgate:Re*', resource: '*' },
      { ...ALLOW, principal: 'tenant/b', action: '*' },
    ],
    [],
  ],
  'a deny about suffixes that meets switching off': [
    [{ ...DENY, ...condition('for_any_value:string_equal', 'slimgate:suffix', 'gif') }],
    [['open-deny', 'warning', 'r0']],
  ],
  'a deny about suffixes of one operation': [
    [
      {
        ...DENY,
        condition: {
          string_equal: { 'slimgate:operation': 'enable' },
          'for_any_value:string_equal': { 'slimgate:suffix': 'gif' },
        },
      },
    ],
    [],
  ],
  'the same statement twice': [[ALLOW, ALLOW], [['covered', 'warning', 'r1']]],
  'a statement within a wider one': [
    [ALLOW, { ...ALLOW, action: 'ci:*', resource: `${SH}/*` }],
    [['covered', 'warning', 'r0']],
  ],
  'a prefix within a wider one': [
    [
      { ...ALLOW, resource: `${SH}/team-a-*` },
      { ...ALLOW, resource: `${SH}/team-*` },
    ],
    [['covered', 'warning', 'r0']],
  ],
  'a statement within one that ends earlier': [
    [ALLOW, { ...ALLOW, resource: `${SH}/*`, expires: '2027-01-01T00:00:00Z' }],
    [],
  ],
  'a statement within a conditional one': [
    [
      ALLOW,
      { ...ALLOW, resource: `${SH}/*`, ...condition('bool_equal', 'slimgate:claim/x', true) },
    ],
    [],
  ],
  'a tenant’s statement within its sub-account’s': [
    [ALLOW, { ...ALLOW, principal: 'sub-account/media', resource: `${SH}/*` }],
    [['covered', 'warning', 'r0']],
  ],
  'a statement within another tenant’s': [[ALLOW, { ...ALLOW, principal: 'tenant/b' }], []],
  'an allow that is denied': [
    [ALLOW, { ...DENY, action: '*', resource: `${SH}/*` }],
    [['allow-denied', 'warning', 'r0']],
  ],
  'an allow that its sub-account is denied': [
    [ALLOW, { ...DENY, principal: 'sub-account/media', resource: '*' }],
    [['allow-denied', 'warning', 'r0']],
  ],
  'an allow of which a part is denied': [[{ ...ALLOW, resource: `${SH}/*` }, DENY], []],
};

test.for(Object.entries(CASES))('lint finds %s', ([, [rows, found]]) => {
  expect(linted(...rows)).toEqual(found);
});

test('a tenant that nothing can ever be allowed to is named, whatever stands for it', () => {
  const unreachable = (rows: TestRow[]) =>
    lint(tableOf(rows), { ...SURROUNDINGS, regions: REGIONS })
      .filter(({ code }) => code === 'unreachable-tenant')
      .map(({ tenant }) => tenant);
  expect(unreachable([])).toEqual(['a', 'b', 'c']);
  expect(unreachable([ALLOW, { ...ALLOW, principal: 'sub-account/spare' }])).toEqual(['b']);
  const halves = [
    { ...DENY, ...condition('ip_equal', 'qcs:ip', '0.0.0.0/1') },
    { ...DENY, ...condition('ip_not_equal', 'qcs:ip', '0.0.0.0/1') },
  ];
  expect(unreachable([ALLOW, ...halves])).toContain('a');
});

test('a sub-account that no tenant acts as is named', () => {
  const rows = [...BASE.slice(0, 2), { ...ALLOW, id: 'r0', principal: 'sub-account/spare' }];
  const table = tableOf(rows);
  const withoutC = {
    ...table,
    subAccountOf: new Map([...table.subAccountOf].filter(([tenant]) => tenant !== 'c')),
  };
  const found = lint(withoutC, { ...SURROUNDINGS, regions: REGIONS });
  expect(found).toMatchObject([{ code: 'unused-principal', statement: 'r0' }]);
});

test('every code of lint is reached by a case', () => {
  const reached = Object.values(CASES).flatMap(([, found]) => found.map(([code]) => code));
  expect(new Set([...reached, 'unreachable-tenant', 'unused-principal'])).toEqual(
    new Set(Object.keys(LINT_CODES)),
  );
});
