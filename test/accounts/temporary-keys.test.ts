import { expect, test } from 'vitest';
import type { CredentialSettings } from '../../src/accounts/credential-settings.ts';
import { LOCAL_KEYS, startLocalCloud } from '../support/local-cloud.ts';
import { fixedKeys, OPERATOR, startKeeping } from '../support/sub-accounts.ts';

test('a role is taken, with a policy that names what the gateway needs and a name of no tenant', async () => {
  const cloud = await startLocalCloud();
  const { keys, status } = await startKeeping(OPERATOR, { connect: cloud });
  expect(keys().securityToken).not.toBeNull();
  expect(status()).toMatchObject({ source: 'sts', isUsable: true, problem: null });

  const [seen] = cloud.received();
  expect(seen).toMatchObject({ operation: 'AssumeRole', isSignatureAccepted: true, error: null });
  const { Policy, ...asked } = JSON.parse(seen?.body ?? '');
  expect(asked).toEqual({
    RoleArn: OPERATOR.roleArn,
    RoleSessionName: 'slimgate-media',
    DurationSeconds: 7200,
  });
  expect(JSON.parse(decodeURIComponent(Policy))).toEqual({
    version: '2.0',
    statement: [
      {
        effect: 'allow',
        action: ['name/ci:SetImageSlim', 'name/ci:DescribeImageSlim'],
        resource: ['qcs::ci::uid/1250000000:bucket/*'],
      },
    ],
  });
});

test('the session may read objects when that is asked for, or what the role may', async () => {
  const cloud = await startLocalCloud();
  for (const sessionPolicy of ['slim-and-objects', 'none'] as const) {
    await startKeeping({ ...OPERATOR, sessionPolicy }, { connect: cloud });
  }
  const [objects, none] = cloud.received().map(({ body }) => JSON.parse(body).Policy);
  const { statement } = JSON.parse(decodeURIComponent(objects));
  expect(statement[1]).toEqual({
    effect: 'allow',
    action: ['name/cos:GetObject'],
    resource: ['qcs::cos::uid/1250000000:*'],
  });
  expect(none).toBeUndefined();
});

test('who asks may itself have temporary keys: those of the machine', async () => {
  const cloud = await startLocalCloud();
  const caller = { from: 'metadata', role: 'slim-operator' } as const;
  const { status } = await startKeeping({ ...OPERATOR, caller }, { connect: cloud });
  // The local cloud trusts no role with a role: what counts is that the token has come with it.
  expect(cloud.received().map(({ operation, error }) => [operation, error])).toEqual([
    ['GetInstanceRoleKey', null],
    ['AssumeRole', 'UnauthorizedOperation'],
  ]);
  expect(status()?.problem).toMatch(/^STS refuses with UnauthorizedOperation: the role must trust/);
});

test('the machine’s keys are those of its role', async () => {
  const cloud = await startLocalCloud();
  const { keys, status } = await startKeeping(
    { from: 'metadata', role: 'slim-operator' },
    { connect: cloud },
  );
  expect(keys().secretId).toBe(status()?.secretId);
  expect(status()).toMatchObject({ source: 'metadata', isUsable: true, problem: null });
  expect(cloud.received()[0]).toMatchObject({ url: expect.stringMatching(/slim-operator$/) });
});

const REFUSED: readonly { name: string; settings: CredentialSettings; says: RegExp }[] = [
  {
    name: 'a caller whose key is wrong',
    settings: { ...OPERATOR, caller: fixedKeys({ ...LOCAL_KEYS.media, secretKey: 'wrong' }) },
    says: /AuthFailure\.SignatureFailure: look at the keys of the caller$/,
  },
  {
    name: 'a caller whom the role does not trust',
    settings: { ...OPERATOR, caller: fixedKeys(LOCAL_KEYS.reader) },
    says: /UnauthorizedOperation: the role must trust the caller/,
  },
  {
    name: 'a role that is not there',
    settings: { ...OPERATOR, roleArn: `${OPERATOR.roleArn}-2` },
    says: /RoleNotFound: look at roleArn$/,
  },
  {
    name: 'a machine without that role',
    settings: { from: 'metadata', role: 'another' },
    says: /metadata\.tencentyun\.com answered with status 404$/,
  },
];

test.for(REFUSED)('told: $name', async ({ settings, says }) => {
  const { status, keys } = await startKeeping(settings, { connect: await startLocalCloud() });
  expect(status()).toMatchObject({ isUsable: false, problem: expect.stringMatching(says) });
  expect(keys).toThrow(/^credentials-unavailable/);
});

test('by a clock that is slow the keys still end when they do', async () => {
  const slow = () => new Date(Date.now() - 200_000);
  const { status } = await startKeeping(OPERATOR, {
    connect: await startLocalCloud(),
    now: slow,
  });
  const leftSeconds = ((status()?.expiresAt?.getTime() ?? 0) - slow().getTime()) / 1000;
  expect(leftSeconds).toBeGreaterThan(7_100);
  expect(leftSeconds).toBeLessThanOrEqual(7_200);
});

test('a clock that is far off is told as one', async () => {
  const { status } = await startKeeping(OPERATOR, {
    connect: await startLocalCloud(),
    now: () => new Date(Date.now() - 3_600_000),
  });
  expect(status()?.problem).toMatch(/SignatureExpire: correct this machine’s clock$/);
});
