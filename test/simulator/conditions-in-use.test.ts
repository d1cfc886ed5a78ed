import { expect, test } from 'vitest';
import { policySchema } from '../../src/simulator/access-policy.ts';
import { keyHolders, parseLocalCloud } from '../../src/simulator/local-cloud.ts';
import { mayAssume } from '../../src/simulator/sts/session.ts';
import {
  defaultLocalCloud,
  errorCode,
  LOCAL_KEYS,
  send,
  startLocalCloud,
} from '../support/local-cloud.ts';
import { objectRequest } from '../support/objects.ts';
import { signed } from '../support/official-signature.ts';

const at = (time: string) => ({ 'qcs:current_time': time });

const cloudThatAllows = (condition: object) =>
  parseLocalCloud(
    JSON.stringify({
      accounts: [
        {
          appId: '1250000000',
          uin: '100000000001',
          subAccounts: [
            {
              name: 'media',
              uin: '100000000011',
              keys: [LOCAL_KEYS.media],
              policies: [
                {
                  version: '2.0',
                  statement: { effect: 'allow', action: '*', resource: '*', condition },
                },
              ],
            },
          ],
        },
      ],
      buckets: [{ name: 'examplebucket-1250000000', region: 'ap-shanghai', bound: true }],
    }),
  );

/** What the setting and an object that isn't there are answered under an allow with a condition. */
async function codesUnder(condition: object, now?: () => Date) {
  const cloud = cloudThatAllows(condition);
  const simulator = await startLocalCloud({ cloud, ...(now && { now }) });
  const setting = await send(simulator.url, { headers: signed() });
  const object = await send(simulator.url, objectRequest('/absent'));
  return [errorCode(setting.body) ?? 'found', errorCode(object.body)];
}

test('an address is known of requests for objects, and not of those for settings', async () => {
  const denied = 'AccessDenied';
  expect(await codesUnder({ ip_equal: { 'qcs:ip': '127.0.0.0/8' } })).toEqual([
    denied,
    'NoSuchKey',
  ]);
  expect(await codesUnder({ ip_equal: { 'qcs:ip': '10.0.0.0/8' } })).toEqual([denied, denied]);
  expect(await codesUnder({ ip_equal_if_exist: { 'qcs:ip': '10.0.0.0/8' } })).toEqual([
    'found',
    denied,
  ]);
});

test('the time of both is the cloud’s own', async () => {
  const soon = new Date(Date.now() + 60_000).toISOString();
  const past = new Date(Date.now() - 60_000).toISOString();
  const found = ['found', 'NoSuchKey'];
  const denied = ['AccessDenied', 'AccessDenied'];
  expect(await codesUnder({ date_less_than: at(soon) })).toEqual(found);
  expect(await codesUnder({ date_less_than: at(past) })).toEqual(denied);
  const late = () => new Date(Date.now() + 120_000);
  expect(await codesUnder({ date_less_than: at(soon) }, late)).toEqual(denied);
});

test('a session’s condition narrows which roles it may take, and when', async () => {
  const cloud = await defaultLocalCloud();
  const caller = keyHolders(cloud).get(LOCAL_KEYS.media.secretId);
  const [role] = caller?.account.roles ?? [];
  if (caller === undefined || role === undefined) throw new Error('the default cloud has both');
  const policy = policySchema.parse({
    version: '2.0',
    statement: {
      effect: 'allow',
      action: 'sts:AssumeRole',
      resource: '*',
      condition: { date_less_than: at('2030-01-01T00:00:00Z') },
    },
  });
  const session = {
    kind: 'federation',
    name: 'build',
    requesterUin: '100000000011',
    policy,
  } as const;
  const may = (keys: object) =>
    mayAssume(
      { ...caller, session },
      { account: caller.account, role },
      new Map(Object.entries(keys).map(([key, value]) => [key, [String(value)]])),
    );
  expect([at('2029-12-31T23:59:59Z'), at('2030-01-01T00:00:00Z'), {}].map(may)).toEqual([
    true,
    false,
    false,
  ]);
});
