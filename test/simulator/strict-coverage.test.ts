import { createHash, createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { parseLocalCloud } from '../../src/simulator/local-cloud.ts';
import {
  EXAMPLE_HOST,
  LOCAL_KEYS,
  type PlainRequest,
  SLIM_API,
  send,
  startLocalCloud,
} from '../support/local-cloud.ts';
import { signed } from '../support/official-signature.ts';

/** A signature over some of a request's headers and parameters; the rest is sent along. */
function partlySigned(
  method: string,
  {
    covered = {},
    params = {},
  }: { covered?: Record<string, string>; params?: Record<string, string> },
  uncovered: Record<string, string> = {},
): PlainRequest {
  const { Host, Authorization = '' } = signed({ method, params, headers: covered });
  const body = method === 'PUT' ? { body: SLIM_API } : {};
  return {
    method,
    headers: { Host: Host ?? EXAMPLE_HOST, ...covered, ...uncovered, Authorization },
    ...body,
  };
}

const slim = { 'image-slim': '' };
const framing = { 'Content-Type': 'application/xml', 'Content-Length': String(SLIM_API.length) };
const digest = { 'Content-MD5': createHash('md5').update(SLIM_API).digest('base64') };

const CASES: readonly { name: string; request: PlainRequest; uncovered: string | null }[] = [
  {
    name: 'a GET that covers all',
    request: partlySigned('GET', { params: slim }),
    uncovered: null,
  },
  {
    name: 'a GET without its sub-resource',
    request: partlySigned('GET', {}),
    uncovered: 'image-slim',
  },
  {
    name: 'a GET without another parameter',
    request: { ...partlySigned('GET', { params: slim }), path: '/?image-slim&other' },
    uncovered: 'other',
  },
  {
    name: 'a PUT that covers all',
    request: partlySigned('PUT', { params: slim, covered: { ...framing, ...digest } }),
    uncovered: null,
  },
  {
    name: 'a PUT without Content-MD5',
    request: partlySigned('PUT', { params: slim, covered: framing }),
    uncovered: 'content-md5',
  },
  {
    name: 'a PUT whose Content-MD5 is sent and not covered',
    request: partlySigned('PUT', { params: slim, covered: framing }, digest),
    uncovered: 'content-md5',
  },
  {
    name: 'a PUT that covers nothing but its host',
    request: partlySigned('PUT', { params: slim }, { 'content-length': '47' }),
    uncovered: 'content-type, content-length, content-md5',
  },
];

test.each(CASES)('strict takes no gap: $name', async ({ request, uncovered }) => {
  const strict = await startLocalCloud({ strict: true });
  const lenient = await startLocalCloud();
  expect((await send(lenient.url, request)).status).toBe(200);
  const answer = await send(strict.url, request);
  expect(answer.status).toBe(uncovered === null ? 200 : 400);
  if (uncovered === null) return;
  expect(answer.body).toContain('<Code>InvalidRequest</Code>');
  expect(answer.body).toContain(`strict: the signature does not cover ${uncovered}.`);
});

test('strict takes no security token that is not covered', async () => {
  const token = { 'x-cos-security-token': 'the-token' };
  const cloud = parseLocalCloud(
    `
accounts:
  - appId: 1250000000
    uin: 100000000001
    subAccounts:
      - name: media
        uin: 100000000011
        keys: [{ ...KEY, token: the-token }]
        policies: [{ version: "2.0", statement: { effect: allow, action: "ci:*", resource: "*" } }]
buckets: [{ name: examplebucket-1250000000, region: ap-shanghai, bound: true }]
`.replace(
      '...KEY',
      `secretId: ${LOCAL_KEYS.media.secretId}, secretKey: ${LOCAL_KEYS.media.secretKey}`,
    ),
  );
  const strict = await startLocalCloud({ cloud, strict: true });
  const covered = partlySigned('GET', { params: slim, covered: token });
  expect((await send(strict.url, covered)).status).toBe(200);
  const open = partlySigned('GET', { params: slim }, token);
  expect((await send(strict.url, open)).body).toContain('not cover x-cos-security-token.');
});

/** The sample of the documentation: both lists are empty. */
const bare = (time: string, signature: string) =>
  `q-sign-algorithm=sha1&q-ak=${LOCAL_KEYS.media.secretId}&q-sign-time=${time}&q-key-time=${time}&q-header-list=&q-url-param-list=&q-signature=${signature}`;

test('a signature over nothing is good for any bucket, as it is upstream, and not under strict', async () => {
  const hmac = (key: string, message: string) =>
    createHmac('sha1', key).update(message).digest('hex');
  const now = Math.floor(Date.now() / 1000);
  const time = `${now - 60};${now + 60}`;
  const httpString = createHash('sha1').update('get\n/\n\n\n').digest('hex');
  const signKey = hmac(LOCAL_KEYS.media.secretKey, time);
  const Authorization = bare(time, hmac(signKey, `sha1\n${time}\n${httpString}\n`));
  const strict = await startLocalCloud({ strict: true });
  const lenient = await startLocalCloud();
  for (const bucket of ['examplebucket', 'archive']) {
    const headers = { Host: `${bucket}-1250000000.pic.ap-shanghai.myqcloud.com`, Authorization };
    expect((await send(lenient.url, { headers })).status).toBe(200);
    const answer = await send(strict.url, { headers });
    expect(answer.body).toContain('does not cover host, image-slim.');
  }
});
