import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { ConfigurationError } from '../../src/errors.ts';
import { parseLocalCloud } from '../../src/simulator/local-cloud.ts';
import { defaultLocalCloud, LOCAL_KEYS } from '../support/local-cloud.ts';

interface Parts {
  readonly key?: string;
  readonly policy?: string;
  readonly bucket?: string;
  readonly rest?: string;
}

const POLICY = '{ version: "2.0", statement: [{ effect: allow, action: "ci:*", resource: "*" }] }';
const BUCKET = '{ name: a-1250000000, region: ap-shanghai, bound: true }';
const KEY = '{ secretId: AKID1, secretKey: the-secret }';

function yaml({ key = KEY, policy = POLICY, bucket = BUCKET, rest = '' }: Parts = {}): string {
  return `
accounts:
  - appId: 1250000000
    uin: "100000000001"
    subAccounts:
      - name: media
        uin: 100000000011
        keys: [${key}]
        policies: [${policy}]
buckets: [${bucket}]
${rest}`;
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

const AT_POLICY = 'accounts.0.subAccounts.0.policies.0';
const AT_KEY = 'accounts.0.subAccounts.0.keys.0';

const PROBLEMS: readonly { name: string; text: string; problem: string }[] = [
  {
    name: 'a repeated YAML key',
    text: 'accounts: []\naccounts: []',
    problem: 'Map keys must be unique',
  },
  { name: 'an alias', text: 'accounts: &a []\nbuckets: *a', problem: 'aliases are not taken' },
  { name: 'nothing', text: '', problem: 'the document: ' },
  {
    name: 'an unknown member',
    text: yaml({ rest: 'colour: red' }),
    problem: 'Unrecognized key: "colour"',
  },
  {
    name: 'an APPID that is none',
    text: yaml().replace('1250000000\n', 'x\n'),
    problem: 'accounts.0.appId: must be 5',
  },
  {
    name: 'a key without its secret',
    text: yaml({ key: '{ secretId: A }' }),
    problem: `${AT_KEY}.secretKey: `,
  },
  {
    name: 'an end without a token',
    text: yaml({ key: '{ secretId: A, secretKey: s, expires: 2030-01-01T00:00:00Z }' }),
    problem: `${AT_KEY}.expires: only a temporary key`,
  },
  {
    name: 'a version that is a number',
    text: yaml({ policy: POLICY.replace('"2.0"', '2.0') }),
    problem: `${AT_POLICY}.version: must be the text "2.0"`,
  },
  {
    name: 'an effect in another case',
    text: yaml({ policy: POLICY.replace('allow', 'Allow') }),
    problem: `${AT_POLICY}.statement.0.effect: `,
  },
  {
    name: 'a condition without a key',
    text: yaml({ policy: POLICY.replace('effect', 'condition: { ip_equal: {} }, effect') }),
    problem: `${AT_POLICY}.statement.0.condition.ip_equal: must name a key`,
  },
  {
    name: 'a principal',
    text: yaml({ policy: POLICY.replace('effect', 'principal: x, effect') }),
    problem: `${AT_POLICY}.statement.0: Unrecognized key: "principal"`,
  },
  {
    name: 'no actions',
    text: yaml({ policy: POLICY.replace('"ci:*"', '[]') }),
    problem: `${AT_POLICY}.statement.0.action: `,
  },
  {
    name: 'a star inside an action',
    text: yaml({ policy: POLICY.replace('ci:*', 'ci:*Slim') }),
    problem: `${AT_POLICY}.statement.0.action.0: not an action`,
  },
  {
    name: 'a resource of five segments',
    text: yaml({ policy: POLICY.replace('resource: "*"', 'resource: "qcs::ci::bucket/*"') }),
    problem: `${AT_POLICY}.statement.0.resource.0: not a six-segment resource`,
  },
  {
    name: 'a bucket without APPID',
    text: yaml({ bucket: BUCKET.replace('-1250000000', '') }),
    problem: 'buckets.0.name: must be `<BucketName-APPID>`',
  },
  {
    name: 'a bucket of no account',
    text: yaml({ bucket: BUCKET.replace('1250000000', '1259999999') }),
    problem: 'buckets.0.name: a-1259999999 belongs to no account here',
  },
  {
    name: 'a bucket twice',
    text: yaml({ bucket: `${BUCKET}, ${BUCKET}` }),
    problem: 'the bucket a-1250000000 in ap-shanghai stands more than once',
  },
  {
    name: 'a secret id twice',
    text: yaml({ key: `${KEY}, ${KEY}` }),
    problem: 'the secretId AKID1 stands more than once',
  },
  {
    name: 'a setting of Auto without suffixes',
    text: yaml({ bucket: BUCKET.replace(' }', ', slim: { status: on, mode: Auto } }') }),
    problem: 'buckets.0.slim.suffixes: ',
  },
  {
    name: 'a setting that is on without a mode',
    text: yaml({ bucket: BUCKET.replace(' }', ', slim: { status: on, mode: null } }') }),
    problem: 'buckets.0.slim.mode: ',
  },
];

test.each(PROBLEMS)('$name is a problem', ({ text, problem }) => {
  expect(problemsOf(text)).toEqual([expect.stringContaining(problem)]);
});

test('every problem is reported at once', () => {
  const text = yaml({ key: '{ secretId: "?" }', bucket: '{ name: A, region: B, bound: yes }' });
  expect(problemsOf(text)).toHaveLength(5);
});

describe('the cloud in config/local-cloud.yaml', () => {
  test('has its sub-accounts and buckets', async () => {
    const { accounts, buckets } = await defaultLocalCloud();
    const subAccounts = accounts.flatMap((account) =>
      account.subAccounts.map(({ name, uin }) => `${account.appId} ${name} ${uin}`),
    );
    expect(subAccounts).toEqual([
      '1250000000 media 100000000011',
      '1250000000 reader 100000000012',
      '1250000001 partner 100000000021',
    ]);
    expect(buckets.map(({ name, region, bound }) => `${name} ${region} ${bound}`)).toEqual([
      'examplebucket-1250000000 ap-shanghai true',
      'catalogue-1250000000 ap-guangzhou true',
      'archive-1250000000 ap-shanghai true',
      'unbound-1250000000 ap-shanghai false',
      'partner-1250000001 ap-shanghai true',
    ]);
  });

  test('shows no secret key when it is printed', async () => {
    const cloud = await defaultLocalCloud();
    const printed = `${JSON.stringify(cloud)} ${inspect(cloud, { depth: null })}`;
    for (const { secretId, secretKey } of Object.values(LOCAL_KEYS)) {
      expect(printed).toContain(secretId);
      expect(printed).not.toContain(secretKey);
    }
  });
});
