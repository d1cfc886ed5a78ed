import COS from 'cos-nodejs-sdk-v5';
import { expect, onTestFinished, test, vi } from 'vitest';
import { parseLocalCloud } from '../../src/simulator/local-cloud.ts';
import {
  type ClientKey,
  EXAMPLE_HOST,
  LOCAL_KEYS,
  SLIM_AUTO,
  startLocalCloud,
} from '../support/local-cloud.ts';

const BUCKET = 'examplebucket-1250000000';

/** The three calls as the demos of the official SDKs make them. */
function slimClient(proxy: string, options: COS.COSOptions, host = EXAMPLE_HOST) {
  const cos = new COS({ Proxy: proxy, Protocol: 'http:', ...options });
  const call = (request: Partial<COS.RequestParams> & { Method: string }) =>
    cos.request({
      Bucket: BUCKET,
      Region: 'ap-shanghai',
      Url: `http://${host}/`,
      Action: 'image-slim',
      ...request,
    });
  return {
    open: (body: string) => call({ Method: 'PUT', Body: body, ContentType: 'application/xml' }),
    describe: () => call({ Method: 'GET' }),
    close: () => call({ Method: 'DELETE' }),
  };
}

function options({ secretId, secretKey }: ClientKey): COS.COSOptions {
  return { SecretId: secretId, SecretKey: secretKey };
}

test('the official SDK switches compression on, looks at it and switches it off', async () => {
  const simulator = await startLocalCloud();
  const client = slimClient(simulator.url, options(LOCAL_KEYS.media));
  await expect(client.describe()).resolves.toMatchObject({ ImageSlim: { Status: 'off' } });
  await expect(client.open(SLIM_AUTO)).resolves.toMatchObject({ statusCode: 200 });
  const remembered = { SlimMode: 'Auto,API', Suffixs: { Suffix: ['jpg', 'png'] } };
  await expect(client.describe()).resolves.toMatchObject({
    statusCode: 200,
    ImageSlim: { Status: 'on', ...remembered },
    RequestId: expect.stringMatching(/^[A-Za-z0-9+/]{20,}=*$/),
  });
  await expect(client.close()).resolves.toMatchObject({ statusCode: 204 });
  await expect(client.describe()).resolves.toMatchObject({
    ImageSlim: { Status: 'off', ...remembered },
  });
  expect(simulator.stateOf(BUCKET, 'ap-shanghai')?.status).toBe('off');
});

test('the official SDK reads an error’s code and request id', async () => {
  const simulator = await startLocalCloud();
  const reader = slimClient(simulator.url, options(LOCAL_KEYS.reader));
  await expect(reader.open(SLIM_AUTO)).rejects.toMatchObject({
    code: 'AccessDenied',
    statusCode: 403,
    error: { Resource: EXAMPLE_HOST, RequestId: expect.any(String), TraceId: expect.any(String) },
    RequestId: expect.any(String),
  });
  const missing = slimClient(
    simulator.url,
    options(LOCAL_KEYS.media),
    'nowhere-1250000000.pic.ap-shanghai.myqcloud.com',
  );
  await expect(missing.describe()).rejects.toMatchObject({ code: 'NoSuchBucket', statusCode: 404 });
});

test('the official SDK corrects its clock from the Date of a refusal', async () => {
  // The SDK tells of it on the console; here it is expected.
  const told = vi.spyOn(console, 'error').mockImplementation(() => {});
  onTestFinished(() => told.mockRestore());
  const ahead = () => new Date(Date.now() + 3_600_000);
  const simulator = await startLocalCloud({ now: ahead });
  const corrected = slimClient(simulator.url, {
    ...options(LOCAL_KEYS.media),
    CorrectClockSkew: true,
  });
  await expect(corrected.describe()).resolves.toMatchObject({ ImageSlim: { Status: 'off' } });
  expect(simulator.received().map(({ error }) => error)).toEqual(['AccessDenied', null]);
  expect(told.mock.calls.join()).toContain('Local time is too skewed');
});

test('the official SDK works with temporary keys and their token', async () => {
  const token = 'Example/Token+With=Chars==';
  const cloud = parseLocalCloud(`
accounts:
  - appId: 1250000000
    uin: 100000000001
    subAccounts:
      - name: media
        uin: 100000000011
        keys: [{ secretId: AKIDtemporary, secretKey: temporary-key, token: ${token} }]
        policies: [{ version: "2.0", statement: { effect: allow, action: "ci:*", resource: "*" } }]
buckets: [{ name: ${BUCKET}, region: ap-shanghai, bound: true }]
`);
  const simulator = await startLocalCloud({ cloud });
  const key = { secretId: 'AKIDtemporary', secretKey: 'temporary-key' };
  const client = slimClient(simulator.url, { ...options(key), SecurityToken: token });
  await expect(client.describe()).resolves.toMatchObject({ statusCode: 200 });
  await expect(slimClient(simulator.url, options(key)).describe()).rejects.toMatchObject({
    code: 'InvalidAccessKeyId',
  });
});
