import { expect, test } from 'vitest';
import {
  type ClientKey,
  LOCAL_KEYS,
  send,
  startLocalCloud,
  temporaryDirectory,
} from '../support/local-cloud.ts';
import { sessionPolicy, stsRequest } from '../support/local-sts.ts';
import { EXAMPLE, officialClient } from '../support/objects.ts';

interface Issued {
  readonly secretId: string;
  readonly secretKey: string;
  readonly token: string;
}

/** Ask the running simulator's STS, as its SDK would. */
async function askSts(
  url: string,
  action: string,
  parameters: unknown,
  key: ClientKey = LOCAL_KEYS.media,
) {
  const request = stsRequest({
    action,
    parameters,
    key,
    host: 'sts.localhost',
    timestamp: Math.floor(Date.now() / 1000),
  });
  const { method, path, body } = request;
  const headers = Object.fromEntries(request.headers);
  const answer = await send(url, { method, path, headers, body: body.toString() });
  return JSON.parse(answer.body).Response;
}

function keyIn({ Credentials }: { Credentials: Record<string, string> }): Issued {
  const { TmpSecretId = '', TmpSecretKey = '', Token = '' } = Credentials;
  return { secretId: TmpSecretId, secretKey: TmpSecretKey, token: Token };
}

function slimCall(url: string, key: Issued, Method: 'GET' | 'DELETE') {
  const cos = officialClient({ url }, key, { SecurityToken: key.token });
  const Url = `http://${EXAMPLE.Bucket}.pic.${EXAMPLE.Region}.myqcloud.com/`;
  return cos.request({ ...EXAMPLE, Method, Url, Action: 'image-slim' });
}

test('a federation token may what its sub-account and its own policy both allow', async () => {
  const simulator = await startLocalCloud();
  const Policy = sessionPolicy('cos:*', `qcs::cos::uid/1250000000:${EXAMPLE.Bucket}/mine/*`);
  const key = keyIn(
    await askSts(simulator.url, 'GetFederationToken', { Name: 'uploader', Policy }),
  );
  const cos = officialClient(simulator, key, { SecurityToken: key.token });
  const mine = { ...EXAMPLE, Key: 'mine/a.txt' };
  await cos.putObject({ ...mine, Body: 'a' });
  expect(String((await cos.getObject(mine)).Body)).toBe('a');
  const refusal = { code: 'AccessDenied', statusCode: 403 };
  const other = { ...EXAMPLE, Key: 'others/a.txt' };
  await expect(cos.putObject({ ...other, Body: 'a' })).rejects.toMatchObject(refusal);
  await expect(cos.getBucket(EXAMPLE)).rejects.toMatchObject(refusal);
  await expect(slimCall(simulator.url, key, 'GET')).rejects.toMatchObject(refusal);
  const withoutToken = officialClient(simulator, key);
  await expect(withoutToken.getObject(mine)).rejects.toMatchObject({ code: 'InvalidAccessKeyId' });
});

test('a policy of a session allows nothing that the sub-account may not', async () => {
  const simulator = await startLocalCloud();
  const parameters = { Name: 'reader', Policy: sessionPolicy('*') };
  const asked = await askSts(simulator.url, 'GetFederationToken', parameters, LOCAL_KEYS.reader);
  const key = keyIn(asked);
  await expect(slimCall(simulator.url, key, 'GET')).resolves.toMatchObject({ statusCode: 200 });
  await expect(slimCall(simulator.url, key, 'DELETE')).rejects.toMatchObject({
    code: 'AccessDenied',
  });
});

test('a role’s key works on the setting, and after a restart as well', async () => {
  const stateDirectory = await temporaryDirectory();
  const first = await startLocalCloud({ stateDirectory });
  const key = keyIn(
    await askSts(first.url, 'AssumeRole', {
      RoleArn: 'qcs::cam::uin/100000000001:roleName/slim-operator',
      RoleSessionName: 'gateway',
    }),
  );
  await expect(slimCall(first.url, key, 'DELETE')).resolves.toMatchObject({ statusCode: 204 });
  expect(first.received().map(({ operation, error }) => [operation, error])).toEqual([
    ['AssumeRole', null],
    ['DeleteImageSlim', null],
  ]);
  await first.close();
  const second = await startLocalCloud({ stateDirectory });
  await expect(slimCall(second.url, key, 'GET')).resolves.toMatchObject({ statusCode: 200 });
});

test('the machine’s metadata hands out a key of its role', async () => {
  const simulator = await startLocalCloud();
  const path = '/latest/meta-data/cam/security-credentials/';
  const list = await send(simulator.url, { path });
  expect(list).toMatchObject({ status: 200, body: 'slim-operator' });
  const { body } = await send(simulator.url, { path: `${path}slim-operator` });
  const key = keyIn({ Credentials: JSON.parse(body) });
  await expect(slimCall(simulator.url, key, 'GET')).resolves.toMatchObject({ statusCode: 200 });
  const elsewhere = await send(simulator.url, {
    path: `http://metadata.tencentyun.com${path}`,
    headers: { Host: 'metadata.tencentyun.com' },
  });
  expect(elsewhere).toMatchObject({ status: 200, body: 'slim-operator' });
});

test('a call that STS refuses is answered in its own way, and witnessed', async () => {
  const simulator = await startLocalCloud();
  const wrong = { ...LOCAL_KEYS.media, secretKey: 'wrong' };
  const { Error: refusal } = await askSts(simulator.url, 'GetCallerIdentity', {}, wrong);
  expect(refusal).toMatchObject({ Code: expect.stringMatching(/^AuthFailure\./) });
  expect(simulator.received()).toMatchObject([
    { error: refusal.Code, bucket: null, isSignatureAccepted: false },
  ]);
});
