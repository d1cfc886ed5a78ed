import { expect, test } from 'vitest';
import { ConfigurationError } from '../../src/errors.ts';
import { parsePolicyTable } from '../../src/policy/parse-table.ts';

const SUB_ACCOUNTS = new Set(['media']);
const HEAD = 'version: 1\ntenants: { photos: { subAccount: media } }\n';

function statement(overrides: string): string {
  return `${HEAD}statements:
  - id: one
    principal: tenant/photos
    effect: allow
    action: ci:SetImageSlim
    resource: '*'
${overrides}`;
}

function problemsOf(text: string): readonly string[] {
  try {
    parsePolicyTable(text, SUB_ACCOUNTS);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return (error as ConfigurationError).problems;
  }
}

/** The statement of `statement('')` with one line in place of another. */
const replaced = (line: string, by: string) => statement('').replace(line, by);

test('a table without a fault is taken', () => {
  expect(problemsOf(statement('    note: why\n'))).toEqual([]);
});

const FAULTS: readonly { name: string; text: string; problem: RegExp }[] = [
  { name: 'not YAML', text: 'version: [', problem: /line 1/ },
  { name: 'an empty file', text: '', problem: /the document/ },
  { name: 'a repeated key', text: `${HEAD}version: 1\nstatements: []`, problem: /line 3.*unique/ },
  { name: 'an alias', text: 'version: 1\ntenants: &t {}\nstatements: *t', problem: /alias/ },
  {
    name: 'another version',
    text: HEAD.replace('1', '2').concat('statements: []'),
    problem: /version: must be 1/,
  },
  {
    name: 'an unknown member',
    text: `${HEAD}statements: []\nrules: []`,
    problem: /unknown member `rules`/,
  },
  {
    name: 'an unknown member of a statement',
    text: statement('    when: now\n'),
    problem: /statements\.0: unknown member `when`/,
  },
  {
    name: 'a tenant bound to nobody',
    text: statement('').replace('subAccount: media', 'subAccount: ghost'),
    problem: /`ghost` is not configured/,
  },
  {
    name: 'a principal that is not there',
    text: replaced('tenant/photos', 'tenant/nobody'),
    problem: /there is no tenant `nobody`/,
  },
  {
    name: 'a principal of no kind',
    text: replaced('tenant/photos', 'user/x'),
    problem: /principal: must be/,
  },
  {
    name: 'an effect in upper case',
    text: replaced('effect: allow', 'effect: Allow'),
    problem: /effect: must be `allow` or `deny`/,
  },
  {
    name: 'an action in the wrong case',
    text: replaced('ci:SetImageSlim', 'ci:setImageSlim'),
    problem: /is written `ci:SetImageSlim`/,
  },
  {
    name: 'an action that does not exist',
    text: replaced('ci:SetImageSlim', 'ci:DeleteImageSlim'),
    problem: /matches no known action/,
  },
  {
    name: 'a star in front of an action',
    text: replaced('ci:SetImageSlim', "'ci:*Slim'"),
    problem: /only stand at its end/,
  },
  {
    name: 'a resource of five segments',
    text: replaced("'*'", 'qcs::ci:ap-shanghai:uid/1250000000'),
    problem: /six segments/,
  },
  {
    name: 'a project segment',
    text: replaced("'*'", 'qcs:7:ci::uid/1250000000:bucket/*'),
    problem: /must begin with `qcs::`/,
  },
  {
    name: 'a cos form in a ci resource',
    text: replaced("'*'", 'qcs::ci::uid/1250000000:b-1250000000/*'),
    problem: /begins with `bucket\/`/,
  },
  {
    name: 'an account that is not a number',
    text: replaced("'*'", 'qcs::ci::uid/abc:bucket/*'),
    problem: /segment 5/,
  },
  {
    name: 'mixed-up numbers',
    text: replaced("'*'", 'qcs::ci::uid/1250000000:bucket/b-1259999999/*'),
    problem: /APPID/,
  },
  {
    name: 'a star directly behind a name',
    text: replaced("'*'", "'qcs::ci::uid/1250000000:bucket/app*'"),
    problem: /also covers longer names/,
  },
  {
    name: 'an empty list of actions',
    text: replaced('ci:SetImageSlim', '[]'),
    problem: /action: must be a text or a non-empty list/,
  },
  {
    name: 'a condition',
    text: statement('    condition: { ip_equal: { qcs:ip: 10.0.0.0/8 } }\n'),
    problem: /conditions are not supported/,
  },
];

test.for(FAULTS)('refused whole: $name', ({ text, problem }) => {
  expect(problemsOf(text).join('\n')).toMatch(problem);
});

test('every problem is told at once', () => {
  const text = `${HEAD}statements:
  - { id: one, principal: tenant/photos, effect: allow, action: ci:Nonsense, resource: '*' }
  - { id: one, principal: tenant/nobody, effect: deny, action: 'ci:*', resource: nonsense }`;
  expect(problemsOf(text)).toEqual([
    'statements: the id `one` stands 2 times',
    'statements[0] `one`.action: `ci:Nonsense` matches no known action',
    'statements[1] `one`.principal: there is no tenant `nobody`',
    expect.stringContaining('statements[1] `one`.resource: `nonsense`: must be `*`'),
  ]);
});
