import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { parseLocalCloud } from '../../src/simulator/local-cloud.ts';
import {
  errorCode,
  LOCAL_KEYS,
  type PlainRequest,
  SLIM_API,
  send,
  startLocalCloud,
} from '../support/local-cloud.ts';
import { type Signing, signed } from '../support/official-signature.ts';

const NOW = Math.floor(Date.now() / 1000);

const cloud = parseLocalCloud(`
accounts:
  - appId: 1250000000
    uin: 100000000001
    subAccounts:
      - name: media
        uin: 100000000011
        keys:
          - { secretId: ${LOCAL_KEYS.media.secretId}, secretKey: ${LOCAL_KEYS.media.secretKey} }
          - { secretId: AKIDtemporary, secretKey: k, token: the-token, expires: 2090-01-01T00:00:00Z }
          - { secretId: AKIDended, secretKey: k, token: the-token, expires: 2020-01-01T00:00:00Z }
        policies:
          - { version: "2.0", statement: { effect: allow, action: "ci:*", resource: "*" } }
      - name: nobody
        uin: 100000000012
        keys: [{ secretId: ${LOCAL_KEYS.reader.secretId}, secretKey: ${LOCAL_KEYS.reader.secretKey} }]
  - { appId: 1250000001, uin: 100000000002 }
buckets:
  - { name: examplebucket-1250000000, region: ap-shanghai, bound: true }
  - { name: unbound-1250000000, region: ap-shanghai, bound: false }
  - { name: partner-1250000001, region: ap-shanghai, bound: true }
`);

function signedFor(host: string, signing: Signing = {}): PlainRequest {
  return { headers: signed({ ...signing, headers: { Host: host, ...signing.headers } }) };
}

function put(body: string, headers: Readonly<Record<string, string>> = {}): PlainRequest {
  const all = { 'Content-Length': String(Buffer.byteLength(body)), ...headers };
  return { method: 'PUT', headers: signed({ method: 'PUT', headers: all }), body };
}

function pic(bucket: string, region = 'ap-shanghai'): string {
  return `${bucket}.pic.${region}.myqcloud.com`;
}

function altered(change: (authorization: string) => string): PlainRequest {
  const headers = signed();
  return { headers: { ...headers, Authorization: change(headers.Authorization ?? '') } };
}

interface Case {
  readonly name: string;
  readonly request: PlainRequest;
  readonly code: string;
  readonly status: number;
}

const temporary = { secretId: 'AKIDtemporary', secretKey: 'k' };
const hourAgo = { start: NOW - 3600, end: NOW - 3000 };
const suffixed = (suffixes: string) =>
  `<ImageSlim><SlimMode>Auto</SlimMode><Suffixs>${suffixes}</Suffixs></ImageSlim>`;

const AUTHENTICATION: readonly Case[] = [
  {
    name: 'no Authorization',
    request: { headers: { Host: pic('examplebucket-1250000000') } },
    code: 'AccessDenied',
    status: 403,
  },
  {
    name: 'a bearer token in place of a signature',
    request: altered(() => 'Bearer x.y.z'),
    code: 'InvalidArgument',
    status: 400,
  },
  {
    name: 'a field too much',
    request: altered((all) => `${all}&q-extra=1`),
    code: 'InvalidArgument',
    status: 400,
  },
  {
    name: 'a field twice',
    request: altered((all) => all.replace('q-ak=', 'q-ak=x&q-ak=')),
    code: 'InvalidArgument',
    status: 400,
  },
  {
    name: 'a field twice, another missing',
    request: altered((all) => all.replace('q-header-list=host', 'q-ak=x')),
    code: 'InvalidArgument',
    status: 400,
  },
  {
    name: 'a signature in a header and one in the query',
    request: { ...altered((all) => all), path: '/?image-slim&q-ak=x' },
    code: 'InvalidArgument',
    status: 400,
  },
  {
    name: 'an empty validity window',
    request: altered((all) => all.replace(/\d{10};\d{10}/g, `${NOW};${NOW}`)),
    code: 'InvalidArgument',
    status: 400,
  },
  {
    name: 'a sign time that is wider than its key time',
    request: altered((all) => all.replace(/q-sign-time=\d/, 'q-sign-time=0')),
    code: 'InvalidArgument',
    status: 400,
  },
  {
    name: 'another algorithm',
    request: altered((all) => all.replace('=sha1', '=sha256')),
    code: 'VerifyAlgorithmNotSupported',
    status: 400,
  },
  {
    name: 'an unknown access key',
    request: altered((all) => all.replace('q-ak=AKIDlocal', 'q-ak=AKIDother')),
    code: 'InvalidAccessKeyId',
    status: 403,
  },
  {
    name: 'a wrong secret key',
    request: { headers: signed({ key: { ...LOCAL_KEYS.media, secretKey: 'wrong' } }) },
    code: 'SignatureDoesNotMatch',
    status: 403,
  },
  {
    name: 'a signature in upper case',
    request: altered((all) => all.replace(/[0-9a-f]{40}$/, (hex) => `${hex.toUpperCase()}`)),
    code: 'SignatureDoesNotMatch',
    status: 403,
  },
  {
    name: 'a list that names an absent header',
    request: altered((all) => all.replace('q-header-list=host', 'q-header-list=host;range')),
    code: 'SignatureDoesNotMatch',
    status: 403,
  },
  {
    name: 'a list out of order',
    request: altered((all) => all.replace('q-header-list=host', 'q-header-list=host;date')),
    code: 'SignatureDoesNotMatch',
    status: 403,
  },
  {
    name: 'a list in upper case',
    request: altered((all) => all.replace('q-header-list=host', 'q-header-list=Host')),
    code: 'SignatureDoesNotMatch',
    status: 403,
  },
  {
    name: 'a list with a repeat',
    request: altered((all) => all.replace('q-header-list=host', 'q-header-list=host;host')),
    code: 'SignatureDoesNotMatch',
    status: 403,
  },
  {
    name: 'a window that has ended',
    request: { headers: signed({ keyTime: hourAgo }) },
    code: 'AccessDenied',
    status: 403,
  },
  {
    name: 'a window that begins in a minute',
    request: { headers: signed({ keyTime: { start: NOW + 60, end: NOW + 600 } }) },
    code: 'AccessDenied',
    status: 403,
  },
  {
    name: 'a window that begins in an hour',
    request: { headers: signed({ keyTime: { start: NOW + 3600, end: NOW + 4200 } }) },
    code: 'RequestTimeTooSkewed',
    status: 403,
  },
  {
    name: 'a Date of an hour ago',
    request: {
      headers: signed({ headers: { Date: new Date((NOW - 3600) * 1000).toUTCString() } }),
    },
    code: 'RequestTimeTooSkewed',
    status: 403,
  },
  {
    name: 'a temporary key without its token',
    request: { headers: signed({ key: temporary }) },
    code: 'InvalidAccessKeyId',
    status: 403,
  },
  {
    name: 'a temporary key with another token',
    request: {
      headers: signed({ key: temporary, headers: { 'x-cos-security-token': 'another' } }),
    },
    code: 'InvalidToken',
    status: 400,
  },
  {
    name: 'a permanent key with a token',
    request: { headers: signed({ headers: { 'x-cos-security-token': 'the-token' } }) },
    code: 'InvalidToken',
    status: 400,
  },
  {
    name: 'a temporary key that has ended',
    request: {
      headers: signed({
        key: { secretId: 'AKIDended', secretKey: 'k' },
        headers: { 'x-cos-security-token': 'the-token' },
      }),
    },
    code: 'ExpiredToken',
    status: 400,
  },
  {
    name: 'a Content-MD5 that is no digest',
    request: put(SLIM_API, { 'Content-MD5': 'bm90IGFuIG1kNQ==' }),
    code: 'InvalidDigest',
    status: 400,
  },
  {
    name: 'a Content-MD5 of another body',
    request: put(SLIM_API, { 'Content-MD5': createHash('md5').update('x').digest('base64') }),
    code: 'BadDigest',
    status: 400,
  },
];

const PERMISSION_AND_EXISTENCE: readonly Case[] = [
  {
    name: 'a sub-account without a policy',
    request: { headers: signed({ key: LOCAL_KEYS.reader }) },
    code: 'AccessDenied',
    status: 403,
  },
  {
    name: 'a sub-account without a policy, on a bucket that is not there',
    request: signedFor(pic('nowhere-1250000000'), { key: LOCAL_KEYS.reader }),
    code: 'AccessDenied',
    status: 403,
  },
  {
    name: 'another account’s bucket, with an allow on everything',
    request: signedFor(pic('partner-1250000001')),
    code: 'AccessDenied',
    status: 403,
  },
  {
    name: 'a bucket that is not there',
    request: signedFor(pic('nowhere-1250000000')),
    code: 'NoSuchBucket',
    status: 404,
  },
  {
    name: 'a bucket in another region',
    request: signedFor(pic('examplebucket-1250000000', 'ap-guangzhou')),
    code: 'NoSuchBucket',
    status: 404,
  },
  {
    name: 'a bucket that is not bound',
    request: signedFor(pic('unbound-1250000000')),
    code: 'UpsAppNotExist',
    status: 400,
  },
];

const ADDRESS_AND_METHOD: readonly Case[] = [
  {
    name: 'the object storage host',
    request: signedFor('examplebucket-1250000000.cos.ap-shanghai.myqcloud.com'),
    code: 'InvalidURI',
    status: 400,
  },
  {
    name: 'the processing host',
    request: signedFor('examplebucket-1250000000.ci.ap-shanghai.myqcloud.com'),
    code: 'InvalidURI',
    status: 400,
  },
  { name: 'a bare host', request: signedFor('localhost'), code: 'InvalidURI', status: 400 },
  {
    name: 'the acceleration host',
    request: signedFor(pic('examplebucket-1250000000', 'accelerate')),
    code: 'RegionUnsupport',
    status: 400,
  },
  {
    name: 'a bucket without APPID',
    request: signedFor(pic('examplebucket')),
    code: 'InvalidBucketName',
    status: 400,
  },
  {
    name: 'a percent sign without hex',
    request: { ...signedFor(pic('examplebucket-1250000000')), path: '/%zz?image-slim' },
    code: 'InvalidURI',
    status: 400,
  },
  {
    name: 'an absolute target that is not the host’s',
    request: {
      ...signedFor(pic('examplebucket-1250000000')),
      path: `http://${pic('unbound-1250000000')}/?image-slim`,
    },
    code: 'InvalidURI',
    status: 400,
  },
  {
    name: 'a repeated parameter that is not covered',
    request: { ...signedFor(pic('examplebucket-1250000000')), path: '/?image-slim&a&a' },
    code: 'InvalidRequest',
    status: 400,
  },
  {
    name: 'a parameter in two cases, which the lists cannot tell apart',
    request: { ...signedFor(pic('examplebucket-1250000000')), path: '/?image-slim&a&A' },
    code: 'InvalidRequest',
    status: 400,
  },
  {
    name: 'a repeated parameter',
    request: { ...signedFor(pic('examplebucket-1250000000')), path: '/?image-slim&image-slim' },
    code: 'InvalidRequest',
    status: 400,
  },
  {
    name: 'POST',
    request: { method: 'POST', headers: signed({ method: 'POST' }) },
    code: 'MethodNotAllowed',
    status: 405,
  },
  {
    name: 'another sub-resource',
    request: { path: '/?guetzli', headers: signed({ params: { guetzli: '' } }) },
    code: 'NotImplemented',
    status: 501,
  },
  {
    name: 'the sub-resource of an object',
    request: { path: '/a.png?image-slim', headers: signed({ pathname: '/a.png' }) },
    code: 'NotImplemented',
    status: 501,
  },
  {
    name: 'the sub-resource in another case',
    request: { path: '/?Image-Slim', headers: signed() },
    code: 'NotImplemented',
    status: 501,
  },
];

const BODY: readonly Case[] = [
  { name: 'no body', request: put(''), code: 'MissingRequestBodyError', status: 400 },
  { name: 'torn XML', request: put('<ImageSlim>'), code: 'MalformedXML', status: 400 },
  {
    name: 'an unknown mode',
    request: put('<ImageSlim><SlimMode>api</SlimMode></ImageSlim>'),
    code: 'InvalidArgument',
    status: 400,
  },
  {
    name: 'Auto without suffixes',
    request: put(suffixed('')),
    code: 'InvalidArgument',
    status: 400,
  },
  {
    name: 'a body of 64 KiB and a byte',
    request: put('x'.repeat(64 * 1024 + 1)),
    code: 'EntityTooLarge',
    status: 400,
  },
];

describe.each([
  { group: 'authentication', cases: AUTHENTICATION },
  { group: 'permission and existence', cases: PERMISSION_AND_EXISTENCE },
  { group: 'address and method', cases: ADDRESS_AND_METHOD },
  { group: 'body', cases: BODY },
])('of $group', ({ cases }) => {
  test.each(cases)('$name is answered $status $code', async ({ request, code, status }) => {
    const simulator = await startLocalCloud({ cloud });
    const answer = await send(simulator.url, request);
    expect({ code: errorCode(answer.body), status: answer.status }).toEqual({ code, status });
    expect(answer.headers).toMatchObject({
      'content-type': 'application/xml',
      server: 'tencent-cos',
      date: expect.stringMatching(/ GMT$/),
    });
    expect(answer.body).toContain(`<RequestId>${answer.headers['x-cos-request-id']}</RequestId>`);
    expect(answer.body).toContain(`<TraceId>${answer.headers['x-cos-trace-id']}</TraceId>`);
    expect(simulator.received()).toMatchObject([{ error: code, changedTo: null }]);
    expect(simulator.stateOf('examplebucket-1250000000', 'ap-shanghai')?.status).toBe('off');
  });
});

test('a window that has ended or not begun is told apart from a missing permission', async () => {
  const simulator = await startLocalCloud({ cloud });
  const late = await send(simulator.url, { headers: signed({ keyTime: hourAgo }) });
  expect(late.body).toContain('<Message>Request has expired</Message>');
  const stranger = await send(simulator.url, { headers: signed({ key: LOCAL_KEYS.reader }) });
  expect(stranger.body).toContain('<Message>Access Denied.</Message>');
});

test('a signature that does not match is answered with what was expected', async () => {
  const simulator = await startLocalCloud({ cloud });
  const headers = signed({ key: { ...LOCAL_KEYS.media, secretKey: 'wrong' } });
  const { body } = await send(simulator.url, { headers });
  expect(body).toMatch(/<StringToSign>sha1\n\d+;\d+\n[0-9a-f]{40}\n<\/StringToSign>/);
  expect(body).toContain(
    `<FormatString>get\n/\nimage-slim=\nhost=${pic('examplebucket-1250000000')}\n</FormatString>`,
  );
});

test('a HEAD is refused without a body', async () => {
  const simulator = await startLocalCloud({ cloud });
  const head = await send(simulator.url, { method: 'HEAD', headers: signed({ method: 'HEAD' }) });
  expect(head).toMatchObject({ status: 405, body: '' });
});
