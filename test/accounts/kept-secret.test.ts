import { format, inspect } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import type { Credentials } from '../../src/accounts/credentials.ts';
import { createSubAccounts } from '../../src/accounts/sub-account.ts';
import { Secret } from '../../src/secret.ts';

const CANARY = 'canary-of-a-secret-key';
const KEYS: Credentials = {
  secretId: 'AKIDone',
  secretKey: new Secret(CANARY),
  securityToken: new Secret(CANARY),
};

/** The sub-accounts as every step of the gateway has them. */
function holding() {
  const subAccounts = createSubAccounts(
    [
      {
        ...{ name: 'media', uin: '1', ownerUin: '2', appId: '3' },
        credentials: {
          from: 'environment',
          issued: { credentials: KEYS, expiresAt: null, warning: null },
        },
      },
    ],
    {
      now: () => new Date(),
      sts: { host: 'sts.invalid', region: 'ap-guangzhou', timeoutMs: 1, connect: null },
    },
  );
  onTestFinished(() => subAccounts.close());
  return { subAccounts, media: subAccounts.find('media'), status: subAccounts.status() };
}

function logged(value: object): string {
  const lines: string[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(line) });
  log.info(value, 'with it');
  log.error({ err: Object.assign(new Error('with it'), value) });
  return lines.join('');
}

function posted(value: unknown): string {
  const { port1, port2 } = new MessageChannel();
  port1.postMessage(value);
  const received = receiveMessageOnPort(port2);
  port1.close();
  return inspect(received, { depth: 9, showHidden: true });
}

/** Every way in which a value becomes text or leaves the process by accident. */
const WAYS: readonly { name: string; tell: (keys: Credentials) => string }[] = [
  { name: 'inspect', tell: (keys) => inspect(keys, { depth: 9, showHidden: true, getters: true }) },
  { name: 'the inspection of a class', tell: ({ secretKey }) => inspect(secretKey) },
  { name: 'a format', tell: (keys) => format('%s %o %O %j', keys.secretKey, keys, keys, keys) },
  { name: 'JSON', tell: (keys) => JSON.stringify(keys) },
  { name: 'a template', tell: ({ secretKey, securityToken }) => `${secretKey} ${securityToken}` },
  { name: 'a sum', tell: ({ secretKey }) => `${[secretKey]}`.concat(String(secretKey)) },
  { name: 'a clone', tell: (keys) => inspect(structuredClone({ ...keys }), { showHidden: true }) },
  { name: 'serialisation', tell: (keys) => serialize(keys).toString('latin1') },
  { name: 'and back', tell: (keys) => inspect(deserialize(serialize(keys)), { showHidden: true }) },
  { name: 'a message', tell: posted },
  { name: 'a log', tell: (keys) => logged({ keys }) },
  { name: 'an error', tell: (keys) => inspect(new Error('x', { cause: keys })) },
  { name: 'entries', tell: ({ secretKey }) => JSON.stringify(Object.entries(secretKey)) },
  { name: 'own keys', tell: ({ secretKey }) => Reflect.ownKeys(secretKey).map(String).join() },
];

test.for(WAYS)('$name does not tell a key', ({ tell }) => {
  expect(tell(KEYS)).not.toContain(CANARY);
});

test('nothing that holds the keys tells them', () => {
  const held = holding();
  expect(inspect(held, { depth: 20, showHidden: true })).not.toContain(CANARY);
  expect(JSON.stringify(held)).not.toContain(CANARY);
  expect(logged(held)).not.toContain(CANARY);
  expect(KEYS.secretKey.reveal()).toBe(CANARY);
});
