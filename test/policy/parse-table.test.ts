import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { ConfigurationError } from '../../src/errors.ts';
import { parsePolicyTable } from '../../src/policy/parse-table.ts';
import {
  ACTION_FAULTS,
  CONDITION_FAULTS,
  DOCUMENT_FAULTS,
  RESOURCE_FAULTS,
  ROW_FAULTS,
} from './table-faults.ts';

const SUB_ACCOUNTS = new Set(['media']);
const HEAD = 'version: 1\ntenants: { photos: { subAccount: media } }\n';

/** A row without a fault. */
const ROW = {
  id: 'one',
  principal: 'tenant/photos',
  effect: 'allow',
  action: 'ci:SetImageSlim',
  resource: '*',
};
const STATEMENT = { effect: 'allow', action: 'ci:SetImageSlim', resource: '*' };

const tableWith = (...rows: unknown[]) => `${HEAD}${stringify({ statements: rows })}`;

function problemsOf(text: string): readonly string[] {
  try {
    parsePolicyTable(text, SUB_ACCOUNTS);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return (error as ConfigurationError).problems;
  }
}

/** The problems of one row, without the place where it stands. */
function rowProblems(row: unknown): string[] {
  const place = 'statements[0] `one`';
  return problemsOf(tableWith(row)).map((problem) => {
    expect(problem.startsWith(place)).toBe(true);
    return problem.slice(place.length).replace(/^\./, '');
  });
}

test('a table without a fault is taken', () => {
  const row = { ...ROW, note: 'why', author: 'ines', expires: '2030-01-01T00:00:00Z' };
  const policy = { version: '2.0', statement: [STATEMENT, { ...STATEMENT, effect: 'deny' }] };
  const document = { id: 'two', principal: 'sub-account/media', policy, note: 'as in CAM' };
  const { statements } = parsePolicyTable(tableWith(row, document), SUB_ACCOUNTS);
  expect(
    statements.map(({ id, effect, expiresAt, note, author }) => [
      id,
      effect,
      expiresAt,
      note,
      author,
    ]),
  ).toEqual([
    ['one', 'allow', new Date('2030-01-01T00:00:00Z'), 'why', 'ines'],
    ['two/1', 'allow', null, 'as in CAM', null],
    ['two/2', 'deny', null, 'as in CAM', null],
  ]);
});

const FILE_FAULTS: readonly (readonly [name: string, text: string, problem: RegExp])[] = [
  ['not YAML', 'version: [', /line 1/],
  ['an empty file', '', /the document/],
  ['a repeated key', `${HEAD}version: 1\nstatements: []`, /line 3.*unique/],
  [
    'a repeated condition key',
    `${HEAD}statements: [{ condition: { ip_equal: { qcs:ip: ::1, qcs:ip: ::2 } } }]`,
    /unique/,
  ],
  ['an alias', 'version: 1\ntenants: &t {}\nstatements: *t', /alias/],
  ['another version', HEAD.replace('1', '2').concat('statements: []'), /^version: must be 1$/],
  ['an unknown member', `${HEAD}statements: []\nrules: []`, /unknown member `rules`/],
  ['statements that are no list', `${HEAD}statements: { one: {} }`, /^statements: /],
  ['a row that is no object', `${HEAD}statements: [5]`, /^statements\[0\]: must be an object$/],
  [
    'a tenant bound to nobody',
    HEAD.replace('media', 'ghost').concat('statements: []'),
    /^tenants\.photos\.subAccount: `ghost` is not configured$/,
  ],
];

test.for(FILE_FAULTS)('refused whole: %s', ([, text, problem]) => {
  expect(problemsOf(text).join('\n')).toMatch(problem);
});

describe.for([
  ['rows', ROW_FAULTS],
  ['actions', ACTION_FAULTS],
  ['resources', RESOURCE_FAULTS],
  ['conditions', CONDITION_FAULTS],
] as const)('refused whole: %s', ([, faults]) => {
  test.for(faults)('%s', ([, members, ...problems]) => {
    expect(rowProblems({ ...ROW, ...members })).toEqual(problems);
  });
});

describe('refused whole: documents', () => {
  test.for(DOCUMENT_FAULTS)('%s', ([, policy, ...problems]) => {
    expect(rowProblems({ id: 'one', principal: 'tenant/photos', policy })).toEqual(problems);
  });

  test('what stands inside of the document and beside it', () => {
    expect(rowProblems({ ...ROW, policy: { version: '2.0', statement: STATEMENT } })).toEqual([
      ': unknown member `effect`: it stands inside `policy`',
      ': unknown member `action`: it stands inside `policy`',
      ': unknown member `resource`: it stands inside `policy`',
    ]);
  });
});

test('an element that stands without a value is not taken for a missing one', () => {
  const text = tableWith(ROW).concat('    condition:\n    expires:\n');
  expect(problemsOf(text)).toEqual([
    'statements[0] `one`.expires: must be a time in UTC like `2030-01-01T00:00:00Z`',
    'statements[0] `one`.condition: must be an object of operators that is not empty',
  ]);
});

test('`__proto__` is a member like any other, and never passed over', () => {
  const text = (members: string) =>
    `${HEAD}statements: [{ id: one, principal: tenant/photos, effect: allow, action: 'ci:*', resource: '*', ${members} }]`;
  expect(problemsOf(text('__proto__: {}'))).toEqual([
    'statements[0] `one`: unknown member `__proto__`',
  ]);
  expect(problemsOf(text('condition: { __proto__: { qcs:ip: 10.0.0.1 } }'))).toEqual([
    expect.stringMatching(/condition\.__proto__: there is no operator `__proto__`/),
  ]);
  expect(problemsOf(text('condition: { ip_equal: { __proto__: 10.0.0.1, qcs:ip: ::1 } }'))).toEqual(
    [expect.stringMatching(/ip_equal\.__proto__: there is no such key/)],
  );
});

test('every problem is told at once', () => {
  const condition = { ip_equal: { 'qcs:ip': ['10.0.0.0/40', '::1', '10.0.0'] }, date_before: {} };
  const text = tableWith(
    { ...ROW, action: ['ci:Nonsense', 'ci:setImageSlim'], expires: 'soon', condition },
    { ...ROW, principal: 'tenant/nobody', resource: 'nonsense' },
    {
      id: 'Bad Id',
      principal: 'tenant/photos',
      policy: { version: '2.0', statement: [STATEMENT, { ...STATEMENT, effect: 'Deny' }] },
    },
  );
  expect(problemsOf(text)).toEqual([
    'statements: the id `one` stands 2 times',
    'statements[0] `one`.expires: must be a time in UTC like `2030-01-01T00:00:00Z`',
    'statements[0] `one`.condition.ip_equal.qcs:ip[0]: `10.0.0.0/40`: the mask must be at most 32',
    'statements[0] `one`.condition.ip_equal.qcs:ip[2]: `10.0.0`: must be an IP address, or a block like `10.0.0.0/8`',
    expect.stringMatching(
      /^statements\[0\] `one`\.condition\.date_before: there is no operator `date_before`; there are `string_equal`, /,
    ),
    'statements[0] `one`.action[0]: `ci:Nonsense`: matches no known action',
    'statements[0] `one`.action[1]: `ci:setImageSlim`: is written `ci:SetImageSlim`',
    'statements[1] `one`.resource: `nonsense`: must be `*` or have six segments, qcs::service:region:account:resource',
    'statements[1] `one`.principal: there is no tenant `nobody`',
    'statements[2].id: must be lower-case letters, digits and hyphens, at most 63',
    'statements[2].policy.statement[1].effect: must be `allow` or `deny`, in lower case',
  ]);
});
