import { expect, test } from 'vitest';
import { policySchema } from '../../src/simulator/access-policy.ts';
import { type AccessRequest, isAllowed } from '../../src/simulator/authorize.ts';

const SET: AccessRequest = {
  action: 'ci:SetImageSlim',
  region: 'ap-shanghai',
  bucket: 'examplebucket-1250000000',
  appId: '1250000000',
  ownerUin: '100000000001',
};
const DESCRIBE = { ...SET, action: 'ci:DescribeImageSlim' };
const GET: AccessRequest = { ...SET, action: 'cos:GetObject', key: 'img/a.png' };
const LIST: AccessRequest = { ...SET, action: 'cos:GetBucket' };
const BINDING: AccessRequest = { ...SET, action: 'ci:DescribeCIBuckets' };
const OBJECTS = 'qcs::cos:ap-shanghai:uid/1250000000:examplebucket-1250000000/';
const EXAMPLE = 'qcs::ci:ap-shanghai:uid/1250000000:bucket/examplebucket-1250000000/*';

interface Case {
  readonly name: string;
  /** Effect, actions, resources. */
  readonly statements: readonly (readonly [
    'allow' | 'deny',
    string | string[],
    string | string[],
  ])[];
  readonly allowed?: readonly AccessRequest[];
  readonly refused?: readonly AccessRequest[];
}

/** Most are the examples of the CAM documentation, with the outcome its rules give. */
const CASES: readonly Case[] = [
  { name: 'no policy allows nothing', statements: [], refused: [SET, DESCRIBE] },
  {
    name: 'an allow reaches its actions on its bucket in its region',
    statements: [['allow', ['ci:SetImageSlim', 'ci:DescribeImageSlim'], EXAMPLE]],
    allowed: [SET, DESCRIBE],
    refused: [
      { ...SET, bucket: 'prod-1250000000' },
      { ...SET, bucket: 'examplebucket-1250000000x' },
      { ...SET, region: 'ap-guangzhou' },
      { ...SET, action: 'ci:SetImageGuetzli' },
      { ...SET, action: 'ci:setimageslim' },
    ],
  },
  {
    name: 'an empty region is every region, of that account only',
    statements: [['allow', 'ci:DescribeImageSlim', 'qcs::ci::uid/1250000000:bucket/*']],
    allowed: [DESCRIBE, { ...DESCRIBE, region: 'ap-beijing', bucket: 'prod-1250000000' }],
    refused: [SET, { ...DESCRIBE, appId: '1259999999', bucket: 'a-1259999999' }],
  },
  {
    name: 'a deny wins, wherever it stands',
    statements: [
      ['deny', 'ci:SetImageSlim', 'qcs::ci:ap-shanghai:uid/1250000000:bucket/prod-1250000000/*'],
      ['allow', 'ci:*', '*'],
    ],
    allowed: [SET, { ...DESCRIBE, bucket: 'prod-1250000000' }],
    refused: [{ ...SET, bucket: 'prod-1250000000' }],
  },
  {
    name: 'an action may be a prefix in its long form',
    statements: [['allow', 'name/ci:Describe*', '*']],
    allowed: [DESCRIBE],
    refused: [SET],
  },
  { name: 'a star is every action', statements: [['allow', '*', '*']], allowed: [SET, DESCRIBE] },
  {
    name: 'another account’s number is not ours',
    statements: [['allow', 'ci:*', EXAMPLE.replace('uid/1250000000', 'uid/1259999999')]],
    refused: [SET],
  },
  {
    name: 'the form of object storage is not that of Cloud Infinite',
    statements: [
      ['allow', 'ci:*', 'qcs::cos:ap-shanghai:uid/1250000000:examplebucket-1250000000/*'],
    ],
    refused: [SET],
  },
  {
    name: 'disabling has no action of its own',
    statements: [['allow', 'ci:DeleteImageSlim', EXAMPLE]],
    refused: [SET],
  },
  {
    name: 'empty and starred segments reach everything of the own account',
    statements: [
      ['allow', 'ci:*', ['qcs:::::unknown', 'qcs::*:*:*:bucket/examplebucket-1250000000/*']],
    ],
    allowed: [SET],
    refused: [{ ...SET, bucket: 'prod-1250000000' }],
  },
  {
    name: 'the owner may be named by its uin',
    statements: [['allow', 'ci:*', EXAMPLE.replace('uid/1250000000', 'uin/100000000001')]],
    allowed: [SET],
    refused: [{ ...SET, ownerUin: '100000000002' }],
  },
  {
    name: 'a bucket without what follows it is another resource',
    statements: [['allow', 'ci:*', EXAMPLE.replace('/*', '')]],
    refused: [SET],
  },
  {
    name: 'an object is reached by its bucket, by a part of its key, or by all of it',
    statements: [
      ['allow', 'cos:GetObject', [`${OBJECTS}img/*`, `${OBJECTS}one.txt`]],
      ['deny', 'cos:*', `${OBJECTS}img/secret/*`],
    ],
    allowed: [GET, { ...GET, key: 'one.txt' }, { ...GET, key: 'img/:a:b' }],
    refused: [
      { ...GET, key: 'one.txt2' },
      { ...GET, key: 'imgs/a.png' },
      { ...GET, key: 'img/secret/a.png' },
      { ...GET, key: 'img/a.png', bucket: 'prod-1250000000' },
      { ...GET, region: 'ap-guangzhou' },
      { ...GET, action: 'cos:HeadObject' },
      LIST,
    ],
  },
  {
    name: 'a bucket as a whole is what has nothing behind it',
    statements: [['allow', 'cos:*', `${OBJECTS}*`]],
    allowed: [LIST, GET, { ...LIST, action: 'cos:HeadBucket' }],
    refused: [{ ...LIST, bucket: 'prod-1250000000' }],
  },
  {
    name: 'objects may be named in the older form',
    statements: [
      [
        'allow',
        'cos:*',
        'qcs::cos:ap-shanghai:uid/1250000000:prefix//1250000000/examplebucket/img/*',
      ],
    ],
    allowed: [GET],
    refused: [LIST, { ...GET, key: 'a.png' }, { ...GET, bucket: 'prod-1250000000' }],
  },
  {
    name: 'the form of Cloud Infinite is not that of object storage, nor is its service',
    statements: [
      ['allow', 'cos:*', EXAMPLE],
      ['allow', 'cos:*', EXAMPLE.replace(':ci:', ':cos:')],
      ['allow', 'ci:*', '*'],
    ],
    refused: [GET, LIST],
  },
  {
    name: 'what is granted at the level of the API is granted on everything or not at all',
    statements: [['allow', 'ci:DescribeCIBuckets', [EXAMPLE, 'qcs::ci::uid/1250000000:*']]],
    refused: [BINDING],
  },
  {
    name: 'what is granted on everything is granted at the level of the API',
    statements: [['allow', 'ci:Describe*', '*']],
    allowed: [BINDING],
  },
  {
    name: 'text that looks like a pattern of another kind is only text',
    statements: [['allow', 'ci:*', EXAMPLE.replace('examplebucket', 'example.+')]],
    refused: [SET],
  },
];

test.each(CASES)('$name', ({ statements, allowed = [], refused = [] }) => {
  // A policy a statement: the order and the grouping make no difference.
  const policies = statements.map(([effect, action, resource]) =>
    policySchema.parse({ version: '2.0', statement: { effect, action, resource } }),
  );
  for (const request of allowed) expect(isAllowed(policies, request), request.bucket).toBe(true);
  for (const request of refused) expect(isAllowed(policies, request), request.bucket).toBe(false);
  for (const request of [...allowed, ...refused]) {
    expect(isAllowed(policies.toReversed(), request)).toBe(isAllowed(policies, request));
  }
});
