import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { ConfigurationError } from '../../../src/errors.ts';
import { parseLocalCloud } from '../../../src/simulator/local-cloud.ts';

interface Parts {
  readonly subAccount?: string;
  readonly roles?: string;
  readonly instance?: string;
  readonly second?: string;
}

function yaml({ subAccount = 'media', roles = '', instance = '', second = '' }: Parts): string {
  const key = (name: string) => `keys: [{ secretId: AKID${name}, secretKey: s }]`;
  return `
accounts:
  - appId: 1250000000
    uin: 100000000001
    subAccounts: [{ name: ${subAccount}, uin: 100000000011, ${key('one')} }]
    roles: [${roles}]
    ${instance && `instance: { role: ${instance} }`}
${second}`;
}

function problemsOf(text: string): readonly string[] {
  try {
    parseLocalCloud(text);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
}

const SECOND = `
  - appId: 1250000001
    uin: 100000000002
    roles: [{ name: a, id: "10001", trusts: [cvm] }]
    instance: { role: a }
`;

const PROBLEMS: readonly ({ name: string; problem: string } & Parts)[] = [
  {
    name: 'a sub-account with the name of the instance',
    subAccount: 'cvm',
    problem: 'accounts.0.subAccounts.0.name: is what roles call the instance',
  },
  {
    name: 'a role that trusts a stranger',
    roles: '{ name: a, trusts: [nobody] }',
    problem: 'accounts.0.roles.0.trusts: nobody is no sub-account here',
  },
  {
    name: 'a role that trusts nobody',
    roles: '{ name: a, trusts: [] }',
    problem: 'accounts.0.roles.0.trusts: ',
  },
  {
    name: 'a role with a slash',
    roles: '{ name: a/b, trusts: [cvm] }',
    problem: 'accounts.0.roles.0.name: must be letters',
  },
  {
    name: 'an id that is a number',
    roles: '{ name: a, id: 4611686018427387001, trusts: [cvm] }',
    problem: 'accounts.0.roles.0.id: must be digits, in quotes',
  },
  {
    name: 'a session that is too long',
    roles: '{ name: a, trusts: [cvm], maxSessionSeconds: 43201 }',
    problem: 'accounts.0.roles.0.maxSessionSeconds: ',
  },
  {
    name: 'a role twice',
    roles: '{ name: a, id: "10001", trusts: [cvm] }, { name: a, id: "10002", trusts: [cvm] }',
    problem: 'the role a of 1250000000 stands more than once',
  },
  {
    name: 'an id twice',
    roles: '{ name: a, id: "10001", trusts: [cvm] }, { name: b, id: "10001", trusts: [cvm] }',
    problem: 'the role id 10001 stands more than once',
  },
  {
    name: 'an instance of a role that is not there',
    roles: '{ name: a, trusts: [cvm] }',
    instance: 'b',
    problem: 'accounts.0.instance.role: no role here that trusts cvm',
  },
  {
    name: 'an instance of a role that does not trust it',
    roles: '{ name: a, trusts: [media] }',
    instance: 'a',
    problem: 'accounts.0.instance.role: no role here that trusts cvm',
  },
  {
    name: 'an instance in two accounts',
    roles: '{ name: a, trusts: [cvm] }',
    instance: 'a',
    second: SECOND,
    problem: 'more than one account has the instance',
  },
];

test.each(PROBLEMS)('$name is a problem', ({ problem, ...parts }) => {
  expect(problemsOf(yaml(parts))).toEqual([expect.stringContaining(problem)]);
});

test('a sub-account twice is a problem, for a role could not tell which it trusts', () => {
  const twice = yaml({}).replace(
    'subAccounts: [',
    'subAccounts: [{ name: media, uin: 100000000012, keys: [{ secretId: A, secretKey: s }] }, ',
  );
  expect(problemsOf(twice)).toEqual(['the sub-account media of 1250000000 stands more than once']);
});

test('roles of the same name live in two accounts', () => {
  const roles = '{ name: a, trusts: [cvm] }';
  expect(problemsOf(yaml({ roles, second: SECOND }))).toEqual([]);
});

test('the default cloud has a role for its instance and for `media`', async () => {
  const path = new URL('../../../config/local-cloud.yaml', import.meta.url);
  const [account] = parseLocalCloud(await readFile(path, 'utf8')).accounts;
  expect(account).toMatchObject({
    roles: [{ name: 'slim-operator', trusts: ['media', 'cvm'], maxSessionSeconds: 43_200 }],
    instance: { role: 'slim-operator' },
  });
});
