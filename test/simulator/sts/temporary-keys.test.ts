import { spawn } from 'node:child_process';
import { appendFile, readFile, stat, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { ConfigurationError } from '../../../src/errors.ts';
import { keyHolders } from '../../../src/simulator/local-cloud.ts';
import { keyRing, openTemporaryKeys } from '../../../src/simulator/sts/temporary-keys.ts';
import {
  issuedKey,
  OPERATOR_ARN,
  openLocalSts,
  STS_CLOUD,
  STS_KEYS,
  sessionPolicy,
  stsRequest,
} from '../../support/local-sts.ts';

const PROCESS = fileURLToPath(new URL('../../support/local-sts-process.ts', import.meta.url));

const ROLE_KEY = {
  action: 'AssumeRole',
  parameters: { RoleArn: OPERATOR_ARN, RoleSessionName: 'gateway', DurationSeconds: 900 },
};
const FEDERATION = {
  action: 'GetFederationToken',
  parameters: { Name: 'gateway', Policy: sessionPolicy(['ci:DescribeImageSlim', 'cos:Get*']) },
};

test('keys outlive a restart as they were, whoever they belong to', async () => {
  const first = await openLocalSts();
  const keys = [ROLE_KEY, FEDERATION].map((call) => issuedKey(first.sts.answer(stsRequest(call))));
  const found = keys.map(({ secretId }) => first.temporaryKeys.find(secretId));
  first.temporaryKeys.close();
  const second = await openLocalSts({ path: first.path });
  expect(keys.map(({ secretId }) => second.temporaryKeys.find(secretId))).toEqual(found);
  for (const key of keys) {
    expect(second.sts.answer(stsRequest({ key })).verdict.isSignatureAccepted).toBe(true);
  }
});

test('a key follows what became of its role, and is gone with it', async () => {
  const first = await openLocalSts();
  const key = issuedKey(first.sts.answer(stsRequest(ROLE_KEY)));
  first.temporaryKeys.close();
  const narrowed = STS_CLOUD.replace('bucket/a-1250000000/*', 'bucket/b-1250000000/*');
  const second = await openLocalSts({ path: first.path, cloud: narrowed });
  const policies = second.temporaryKeys.find(key.secretId)?.subAccount.policies;
  expect(JSON.stringify(policies)).toContain('bucket/b-1250000000/*');
  second.temporaryKeys.close();
  const without = STS_CLOUD.replace('"4611686018427387001"', '"4611686018427387009"');
  const third = await openLocalSts({ path: first.path, cloud: without });
  expect(third.temporaryKeys.find(key.secretId)).toBeUndefined();
});

test('an expired key is known for a day, then forgotten', async () => {
  const { sts, temporaryKeys, path, clock, cloud } = await openLocalSts();
  const key = issuedKey(sts.answer(stsRequest(ROLE_KEY)));
  temporaryKeys.close();
  const reopened = (seconds: number) => {
    const keys = openTemporaryKeys(path, { cloud, now: () => new Date(seconds * 1000) });
    onTestFinished(() => keys.close());
    return keys.find(key.secretId);
  };
  expect(reopened(clock.seconds + 900 + 86_400)).toBeDefined();
  expect(reopened(clock.seconds + 900 + 86_401)).toBeUndefined();
  expect(await readFile(path, 'utf8')).toBe('');
});

test('a running STS forgets expired keys, too', async () => {
  const { temporaryKeys, cloud, clock } = await openLocalSts();
  const [account] = cloud.accounts;
  const [subAccount] = account?.subAccounts ?? [];
  if (account === undefined || subAccount === undefined) throw new Error('the cloud is empty');
  const session = { kind: 'federation', name: 'n', requesterUin: '1', policy: null } as const;
  const grant = { account, subAccount, session, seconds: 900 };
  const old = temporaryKeys.issue(grant);
  clock.seconds += 900 + 86_401;
  const ids = Array.from({ length: 1000 }, () => temporaryKeys.issue(grant).secretId);
  expect(temporaryKeys.find(old.secretId)).toBeUndefined();
  expect(ids.every((secretId) => temporaryKeys.find(secretId) !== undefined)).toBe(true);
});

test('a line that a crash has torn is left out, and the next key follows the last whole one', async () => {
  const first = await openLocalSts();
  const keys = [issuedKey(first.sts.answer(stsRequest(ROLE_KEY)))];
  first.temporaryKeys.close();
  await appendFile(first.path, '{"secretId":"AKIDtorn","secretK');
  const second = await openLocalSts({ path: first.path });
  keys.push(issuedKey(second.sts.answer(stsRequest(ROLE_KEY))));
  second.temporaryKeys.close();
  const third = await openLocalSts({ path: first.path });
  for (const { secretId } of keys) expect(third.temporaryKeys.find(secretId)).toBeDefined();
  expect((await readFile(first.path, 'utf8')).split('\n')).toHaveLength(3);
});

test('a file of something else is refused without being quoted', async () => {
  const { path, temporaryKeys, cloud, now } = await openLocalSts();
  temporaryKeys.close();
  await writeFile(path, '{"secretKey":"a-secret"}\n');
  expect(() => openTemporaryKeys(path, { cloud, now })).toThrow(ConfigurationError);
  expect(() => openTemporaryKeys(path, { cloud, now })).not.toThrow('a-secret');
  expect(await readFile(path, 'utf8')).toBe('{"secretKey":"a-secret"}\n');
});

test('only its owner may read the file', async () => {
  const { path } = await openLocalSts();
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test('a key shows neither its secret nor its token when it is printed', async () => {
  const { sts, temporaryKeys } = await openLocalSts();
  const { secretId, secretKey, token } = issuedKey(sts.answer(stsRequest(ROLE_KEY)));
  const holder = temporaryKeys.find(secretId);
  const printed = `${JSON.stringify(holder)} ${inspect(holder, { depth: null })}`;
  expect(printed).toContain(secretId);
  expect(printed).not.toContain(secretKey);
  expect(printed).not.toContain(token);
});

test('the key ring has the cloud’s own keys and those issued', async () => {
  const { cloud, sts, temporaryKeys } = await openLocalSts();
  const ring = keyRing(cloud, temporaryKeys);
  const { secretId } = issuedKey(sts.answer(stsRequest(ROLE_KEY)));
  expect(ring.get(STS_KEYS.media.secretId)).toEqual(keyHolders(cloud).get('AKIDmedia'));
  expect(ring.get(secretId)).toBe(temporaryKeys.find(secretId));
  expect(ring.get('AKIDnobody')).toBeUndefined();
});

test('a killed process has kept every key that it answered', async () => {
  const { path, temporaryKeys } = await openLocalSts();
  temporaryKeys.close();
  const child = spawn(process.execPath, [PROCESS, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const answered: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    answered.push(line);
    if (answered.length === 200) child.kill('SIGKILL');
  }
  expect(answered.length).toBeGreaterThanOrEqual(200);
  const { temporaryKeys: kept } = await openLocalSts({ path });
  // The last line may have been torn on its way here.
  expect(answered.slice(0, -1).filter((secretId) => kept.find(secretId) === undefined)).toEqual([]);
});
