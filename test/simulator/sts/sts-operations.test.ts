import { describe, expect, test } from 'vitest';
import {
  issuedKey,
  OPERATOR_ARN,
  openLocalSts,
  responseOf,
  STS_KEYS,
  STS_NOW,
  sessionPolicy,
  stsRequest,
} from '../../support/local-sts.ts';

const ASSUME = { RoleArn: OPERATOR_ARN, RoleSessionName: 'gateway' };
const FEDERATE = { Name: 'gateway', Policy: sessionPolicy('ci:DescribeImageSlim') };

test('AssumeRole issues a key that signs, with its token, as the role', async () => {
  const { sts, temporaryKeys, cloud } = await openLocalSts();
  const answer = sts.answer(stsRequest({ action: 'AssumeRole', parameters: ASSUME }));
  expect(answer).toMatchObject({
    status: 200,
    headers: { 'Content-Type': 'application/json' },
    verdict: {
      secretId: 'AKIDmedia',
      isSignatureAccepted: true,
      error: null,
      operation: 'AssumeRole',
    },
  });
  expect(JSON.parse(answer.body)).toEqual({
    Response: {
      Credentials: {
        Token: expect.stringMatching(/^[\w-]{160}$/),
        TmpSecretId: expect.stringMatching(/^AKID[\w-]{40}$/),
        TmpSecretKey: expect.stringMatching(/^[\w+/]{43}=$/),
      },
      ExpiredTime: STS_NOW + 7200,
      Expiration: '2023-11-15T00:13:20Z',
      RequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    },
  });
  const key = issuedKey(answer);
  const [account] = cloud.accounts;
  const role = account?.roles.find(({ name }) => name === 'operator');
  expect(temporaryKeys.find(key.secretId)).toMatchObject({
    account,
    subAccount: { name: 'operator', uin: '4611686018427387001', policies: role?.policies },
    session: { kind: 'role', name: 'gateway', requesterUin: '100000000011', policy: null },
  });
  expect(sts.answer(stsRequest({ key })).verdict.isSignatureAccepted).toBe(true);
});

test('GetFederationToken issues a key of the sub-account, narrowed', async () => {
  const { sts, temporaryKeys } = await openLocalSts();
  const call = { action: 'GetFederationToken', parameters: FEDERATE };
  const answer = sts.answer(stsRequest(call));
  expect(responseOf(answer)).toMatchObject({ ExpiredTime: STS_NOW + 1800 });
  expect(temporaryKeys.find(issuedKey(answer).secretId)).toMatchObject({
    subAccount: { name: 'media' },
    session: {
      kind: 'federation',
      name: 'gateway',
      policy: { statement: [{ effect: 'allow', action: ['ci:DescribeImageSlim'] }] },
    },
  });
});

describe('GetCallerIdentity', () => {
  const ACCOUNT = { AccountId: '100000000001' };

  test('knows a permanent key', async () => {
    const { sts } = await openLocalSts();
    expect(responseOf(sts.answer(stsRequest()))).toEqual({
      ...ACCOUNT,
      Type: 'CAMUser',
      Arn: 'qcs::cam:100000000001:uin/100000000011',
      UserId: '100000000011',
      PrincipalId: '100000000011',
      RequestId: expect.any(String),
    });
  });

  test('knows a federation', async () => {
    const { sts } = await openLocalSts();
    const call = { action: 'GetFederationToken', parameters: FEDERATE };
    const key = issuedKey(sts.answer(stsRequest(call)));
    expect(responseOf(sts.answer(stsRequest({ key })))).toMatchObject({
      ...ACCOUNT,
      Type: 'CAMUser',
      Arn: 'qcs::sts:100000000001:federated-user/100000000011',
      UserId: '100000000011:gateway',
      PrincipalId: '100000000011',
    });
  });

  test('knows a role’s session and who asked for it', async () => {
    const { sts } = await openLocalSts();
    const key = issuedKey(sts.answer(stsRequest({ action: 'AssumeRole', parameters: ASSUME })));
    expect(responseOf(sts.answer(stsRequest({ key })))).toMatchObject({
      ...ACCOUNT,
      Type: 'CAMRole',
      Arn: 'qcs::sts:100000000001:assumed-role/4611686018427387001',
      UserId: '4611686018427387001:gateway',
      PrincipalId: '100000000011',
    });
  });
});

const ROLES: readonly { name: string; RoleArn: string; seconds: number }[] = [
  { name: 'its name', RoleArn: OPERATOR_ARN, seconds: 7200 },
  { name: 'its id', RoleArn: 'qcs::cam::uin/100000000001:role/4611686018427387001', seconds: 7200 },
  {
    name: 'its name, when it is short',
    RoleArn: 'qcs::cam::uin/100000000001:roleName/short',
    seconds: 600,
  },
];

test.each(ROLES)('a role is found by $name, and its usual session fits it', async (row) => {
  const { sts } = await openLocalSts();
  const parameters = { ...ASSUME, RoleArn: row.RoleArn };
  const response = responseOf(sts.answer(stsRequest({ action: 'AssumeRole', parameters })));
  expect(response.ExpiredTime).toBe(STS_NOW + row.seconds);
});

test('a role without an id has one that is the same at every start', async () => {
  const [one, other] = [await openLocalSts(), await openLocalSts()];
  const ids = [one, other].map(({ cloud }) => cloud.accounts[0]?.roles[1]?.id);
  expect(ids[0]).toMatch(/^46116860[0-9]{11}$/);
  expect(ids[0]).toBe(ids[1]);
});

const ACCEPTED: readonly { name: string; action: string; parameters: object }[] = [
  {
    name: 'every parameter of AssumeRole',
    action: 'AssumeRole',
    parameters: {
      ...ASSUME,
      RoleSessionName: 'a_1+=,.@-',
      DurationSeconds: 43200,
      Policy: sessionPolicy(['name/ci:SetImageSlim', 'cos:GetObject']),
      ExternalId: 'a:/b',
      Tags: [
        { Key: 'a', Value: '' },
        { Key: 'b', Value: 'c' },
      ],
      SourceIdentity: '100000000011',
    },
  },
  {
    name: 'the longest federation',
    action: 'GetFederationToken',
    parameters: { ...FEDERATE, DurationSeconds: 129_600 },
  },
  {
    name: 'the names that the provider’s helpers send',
    action: 'GetFederationToken',
    parameters: { ...FEDERATE, Name: 'cos-sts-nodejs' },
  },
  {
    name: 'a policy that a form encoder has encoded',
    action: 'GetFederationToken',
    parameters: {
      ...FEDERATE,
      Policy: new URLSearchParams({
        '': '{ "version": "2.0", "statement": { "effect": "allow", "action": "*", "resource": "*" } }',
      })
        .toString()
        .slice(1),
    },
  },
  {
    name: 'a policy whose slashes were left alone',
    action: 'GetFederationToken',
    parameters: {
      ...FEDERATE,
      Policy: sessionPolicy('ci:*', 'qcs::ci:ap-shanghai:uid/1250000000:bucket/a/*').replaceAll(
        '%2F',
        '/',
      ),
    },
  },
];

test.each(ACCEPTED)('$name is taken', async ({ action, parameters }) => {
  const { sts } = await openLocalSts();
  const { verdict } = sts.answer(stsRequest({ action, parameters }));
  expect(verdict).toMatchObject({ error: null, operation: action });
});

describe('who may take a role', () => {
  const ON_ROLE = 'qcs::cam::uin/100000000001:roleName/operator';
  const federated = (sts: Awaited<ReturnType<typeof openLocalSts>>['sts'], Policy: string) =>
    issuedKey(
      sts.answer(
        stsRequest({ action: 'GetFederationToken', parameters: { Name: 'gateway', Policy } }),
      ),
    );

  test.each([
    ['a permanent key of a sub-account that it trusts', STS_KEYS.media, null],
    ['a temporary key of the same', STS_KEYS.written, null],
    ['a sub-account that it doesn’t trust', STS_KEYS.reader, 'UnauthorizedOperation'],
    ['its namesake in another account', STS_KEYS.stranger, 'UnauthorizedOperation'],
  ])('%s', async (_, key, error) => {
    const { sts } = await openLocalSts();
    const { verdict } = sts.answer(stsRequest({ action: 'AssumeRole', parameters: ASSUME, key }));
    expect(verdict.error).toBe(error);
  });

  test.each([
    ['allows it', sessionPolicy('sts:AssumeRole', ON_ROLE), null],
    ['allows it in other words', sessionPolicy('name/sts:*', 'qcs::::uid/1250000000:role*'), null],
    ['allows everything', sessionPolicy('*'), null],
    ['is about something else', sessionPolicy('ci:*'), 'UnauthorizedOperation'],
    [
      'is about another role',
      sessionPolicy('sts:AssumeRole', ON_ROLE.replace('operator', 'short')),
      'UnauthorizedOperation',
    ],
    [
      'denies it, too',
      encodeURIComponent(
        JSON.stringify({
          version: '2.0',
          statement: [
            { effect: 'allow', action: '*', resource: '*' },
            { effect: 'deny', action: 'sts:AssumeRole', resource: 'qcs:::::roleName/operator' },
          ],
        }),
      ),
      'UnauthorizedOperation',
    ],
  ])('a federation whose policy %s', async (_, Policy, error) => {
    const { sts } = await openLocalSts();
    const key = federated(sts, Policy);
    const { verdict } = sts.answer(stsRequest({ action: 'AssumeRole', parameters: ASSUME, key }));
    expect(verdict.error).toBe(error);
  });

  test.each(['operator', 'media'])('no session of a role, here %s', async (name) => {
    const { sts } = await openLocalSts();
    const call = { action: 'AssumeRole', parameters: ASSUME };
    const parameters = { ...ASSUME, RoleArn: OPERATOR_ARN.replace('operator', name) };
    const key = issuedKey(sts.answer(stsRequest({ ...call, parameters })));
    expect(sts.answer(stsRequest({ ...call, key })).verdict.error).toBe('UnauthorizedOperation');
  });
});
