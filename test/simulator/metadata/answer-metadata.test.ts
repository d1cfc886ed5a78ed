import { expect, test } from 'vitest';
import {
  issuedKey,
  openLocalSts,
  responseOf,
  STS_CLOUD,
  STS_NOW,
  stsRequest,
} from '../../support/local-sts.ts';

const HOST = 'metadata.tencentyun.com';
const PATH = '/latest/meta-data/cam/security-credentials/';

function get(path: string, method = 'GET') {
  return { method, host: HOST, path };
}

test.each([PATH, PATH.slice(0, -1)])('GET %s names the role of the instance', async (path) => {
  const { metadata } = await openLocalSts();
  expect(metadata.answer(get(path))).toEqual({
    status: 200,
    headers: { 'Content-Type': 'text/plain' },
    body: 'operator',
    verdict: {
      secretId: null,
      isSignatureAccepted: false,
      error: null,
      operation: 'ListInstanceRoles',
    },
  });
});

test('the role’s path hands out a key that signs as the role', async () => {
  const { metadata, sts } = await openLocalSts();
  const { status, body, verdict } = metadata.answer(get(`${PATH}operator`));
  expect({ status, error: verdict.error }).toEqual({ status: 200, error: null });
  const { TmpSecretId, TmpSecretKey, Token, ...rest } = JSON.parse(body);
  expect(rest).toEqual({
    ExpiredTime: STS_NOW + 7200,
    Expiration: '2023-11-15T00:13:20Z',
    Code: 'Success',
  });
  const key = { secretId: TmpSecretId, secretKey: TmpSecretKey, token: Token };
  expect(responseOf(sts.answer(stsRequest({ key })))).toMatchObject({
    Type: 'CAMRole',
    UserId: '4611686018427387001:cvm',
    PrincipalId: '100000000001',
  });
});

test('a key is handed out again until half its life is over, then replaced ahead of its end', async () => {
  const { metadata, temporaryKeys, clock } = await openLocalSts();
  const idAfter = (seconds: number): string => {
    clock.seconds = STS_NOW + seconds;
    return JSON.parse(metadata.answer(get(`${PATH}operator`)).body).TmpSecretId;
  };
  const first = idAfter(0);
  expect(idAfter(3599)).toBe(first);
  const second = idAfter(3600);
  expect(second).not.toBe(first);
  expect(idAfter(7199)).toBe(second);
  expect(idAfter(7200)).not.toBe(second);
  // Whoever still holds the old one may use it to its end.
  expect(temporaryKeys.find(first)?.key.expires).toEqual(new Date((STS_NOW + 7200) * 1000));
});

test('a role with short sessions has short keys', async () => {
  const cloud = STS_CLOUD.replace('instance: { role: operator }', 'instance: { role: short }');
  const { metadata } = await openLocalSts({ cloud });
  const { body } = metadata.answer(get(`${PATH}short`));
  expect(JSON.parse(body).ExpiredTime).toBe(STS_NOW + 600);
});

test.each([
  { name: 'another role', request: get(`${PATH}short`), status: 404 },
  { name: 'more of a path', request: get(`${PATH}operator/x`), status: 404 },
  {
    name: 'another part of the metadata',
    request: get('/latest/meta-data/instance-id'),
    status: 404,
  },
  { name: 'a POST', request: get(`${PATH}operator`, 'POST'), status: 405 },
])('$name is answered $status', async ({ request, status }) => {
  const { metadata } = await openLocalSts();
  const answer = metadata.answer(request);
  expect(answer.status).toBe(status);
  expect(answer.verdict).toMatchObject({ operation: null, error: expect.any(String) });
  expect(answer.body).not.toContain('TmpSecretId');
});

test('without a role nothing is there', async () => {
  const cloud = STS_CLOUD.replace('instance: { role: operator }', '');
  const { metadata } = await openLocalSts({ cloud });
  for (const path of [PATH, `${PATH}operator`]) {
    expect(metadata.answer(get(path)).status).toBe(404);
  }
});

test('a key that cannot be kept is not handed out', async () => {
  const { metadata, temporaryKeys } = await openLocalSts();
  temporaryKeys.close();
  expect(metadata.answer(get(`${PATH}operator`))).toMatchObject({
    status: 500,
    body: '500 InternalError\n',
    verdict: { error: 'InternalError' },
  });
});

test('a key of the metadata may not take a role', async () => {
  const { metadata, sts } = await openLocalSts();
  const { TmpSecretId, TmpSecretKey, Token } = JSON.parse(
    metadata.answer(get(`${PATH}operator`)).body,
  );
  const key = { secretId: TmpSecretId, secretKey: TmpSecretKey, token: Token };
  const parameters = {
    RoleArn: 'qcs::cam::uin/100000000001:roleName/operator',
    RoleSessionName: 'gateway',
  };
  const answer = sts.answer(stsRequest({ action: 'AssumeRole', parameters, key }));
  expect(answer.verdict.error).toBe('UnauthorizedOperation');
  expect(() => issuedKey(answer)).toThrow('no key was issued');
});

test.each([
  ['metadata.tencentyun.com', PATH, true],
  ['metadata.tencentyun.com', '/', true],
  ['metadata.tencentyun.com.localhost', PATH, true],
  ['127.0.0.1', PATH, true],
  ['[::1]', PATH, true],
  ['localhost', PATH, true],
  ['127.0.0.1', '/', false],
  ['localhost', '/latest/meta-data/', false],
  ['examplebucket-1250000000.pic.ap-shanghai.myqcloud.com', PATH, false],
  ['metadata.tencentyun.com.evil', PATH, false],
])('%s with %s as instance metadata: %s', async (host, path, isMetadata) => {
  const { metadata } = await openLocalSts();
  expect(metadata.isMetadataRequest({ host, path })).toBe(isMetadata);
});
