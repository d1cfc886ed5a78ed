import { expect, test } from 'vitest';
import { BUCKET, REGION, type RunningGateway, startGateway } from '../support/gateway.ts';
import { chunked, requestText, sendRaw } from '../support/raw-client.ts';
import { type RawUpstream, replyNormally, startRawUpstream } from '../support/raw-upstream.ts';
import { expectedText } from '../support/upstream-witness.ts';

const NOW = new Date('2026-03-01T10:20:30Z');
const PATH = `/v1/regions/${REGION}/buckets/${BUCKET}/image-slim`;
const JSON_BODY = '{ "suffixes": ["png", "jpg"], "modes": ["API", "Auto"] }';
const XML =
  '<ImageSlim><SlimMode>Auto,API</SlimMode><Suffixs><Suffix>jpg</Suffix><Suffix>png</Suffix></Suffixs></ImageSlim>';

type Method = 'PUT' | 'GET' | 'DELETE';

async function start(): Promise<{ gateway: RunningGateway; upstream: RawUpstream }> {
  const upstream = await startRawUpstream(replyNormally);
  return { upstream, gateway: await startGateway({ connect: upstream, now: () => NOW }) };
}

/** The plain request of a method, with more header lines behind its own. */
function requestOf(gateway: RunningGateway, method: Method, extra: readonly string[] = []): string {
  const body = method === 'PUT' ? JSON_BODY : '';
  return requestText(
    [
      `${method} ${PATH} HTTP/1.1`,
      'Host: gateway.test',
      `Authorization: Bearer ${gateway.token('photos')}`,
      ...(body && ['Content-Type: application/json', `Content-Length: ${body.length}`]),
      ...extra,
    ],
    body,
  );
}

const wanted = (method: Method) =>
  expectedText({
    method,
    bucket: BUCKET,
    region: REGION,
    at: NOW,
    ...(method === 'PUT' && { xml: XML }),
  });

/** Header lines that a caller may send and the upstream must never see. */
const ODD_HEADERS: Readonly<Record<string, readonly string[]>> = {
  'nothing more': [],
  'a security token of the caller’s': [
    'x-cos-security-token: canary',
    'x-ci-security-token: canary',
  ],
  'signed-namespace headers': ['x-cos-acl: public-read-write', 'x-cos-meta-a: b', 'x-ci-a: b'],
  'processing headers': ['Pic-Operations: {"is_pic_info":1}', 'x-cos-process: image'],
  'a digest and a date of the caller’s': [
    'Content-MD5: 1B2M2Y8AsgTpgAmy7PhCfg==',
    'Date: Thu, 01 Jan 1970 00:00:00 GMT',
  ],
  cookies: ['Cookie: session=canary', 'Cookie2: $Version=1'],
  'proxy credentials': ['Proxy-Authorization: Basic Y2FuYXJ5', 'Proxy-Connection: keep-alive'],
  'a connection that names our own headers': [
    'Connection: close, host, authorization, content-md5, content-length',
  ],
  'a kept connection with its limits': ['Connection: keep-alive', 'Keep-Alive: timeout=1, max=1'],
  'transfer codings it would take': [
    'TE: trailers, deflate;q=0.5',
    'Connection: TE',
    'Trailer: x-a',
  ],
  'an upgrade': ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'],
  'an upgrade to HTTP/2': [
    'Connection: Upgrade, HTTP2-Settings',
    'Upgrade: h2c',
    'HTTP2-Settings: A',
  ],
  'forwarding headers': [
    'X-Forwarded-For: 10.0.0.1',
    'X-Forwarded-Host: evil.example',
    'X-Forwarded-Proto: https',
    'Forwarded: for=10.0.0.1;host=evil.example',
    'X-Real-IP: 10.0.0.1',
    'Via: 1.1 evil.example',
  ],
  'other paths and methods': [
    'X-HTTP-Method-Override: DELETE',
    'X-Original-URL: /',
    'X-Rewrite-URL: /?acl',
    'X-Forwarded-Uri: /?acl',
  ],
  'underscores in place of hyphens': ['x_cos_security_token: canary', 'content_md5: canary'],
  'names in odd case': ['X-COS-SECURITY-TOKEN: canary', 'cOnTeNt-Md5: canary'],
  'accepted types and encodings': ['Accept: application/json', 'Accept-Encoding: gzip, br'],
  'a range and its conditions': ['Range: bytes=0-1', 'If-Range: "a"', 'If-Modified-Since: x'],
  'a trace': ['traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', 'b3: 1'],
  'a user agent with markup': ['User-Agent: <script>"\\', 'Referer: http://evil.example/'],
  'an empty value': ['x-cos-acl:', 'x-empty:   '],
  'bytes above ASCII': ['x-name: caf\u00e9 \u00ff'],
  'the same header many times': Array.from({ length: 40 }, (_, i) => `x-cos-meta-same: ${i}`),
  'a long header': [`x-long: ${'a'.repeat(8000)}`],
  'prototype names': ['__proto__: a', 'constructor: b', 'toString: c'],
};

test.each(['PUT', 'GET', 'DELETE'] as const)(
  '%s: whatever a caller adds, the bytes that reach the upstream are the same',
  async (method) => {
    const { gateway, upstream } = await start();
    for (const [name, extra] of Object.entries(ODD_HEADERS)) {
      const before = upstream.bytes().length;
      const { port } = gateway.served.gateway;
      const answer = await sendRaw(port, requestOf(gateway, method, extra));
      expect(answer.status, name).toBe(method === 'DELETE' ? 204 : 200);
      expect(upstream.bytes().slice(before), name).toBe(wanted(method));
    }
  },
);

/** Ways to write one and the same PUT. */
const FRAMINGS: Readonly<Record<string, (start: readonly string[]) => string>> = {
  'with a length': (start) =>
    requestText([...start, `Content-Length: ${JSON_BODY.length}`], JSON_BODY),
  'in one chunk': (start) =>
    requestText([...start, 'Transfer-Encoding: chunked'], chunked(JSON_BODY)),
  'in chunks of one byte': (start) =>
    requestText(
      [...start, 'Transfer-Encoding: chunked'],
      `${[...JSON_BODY].map((char) => `1\r\n${char}\r\n`).join('')}0\r\n\r\n`,
    ),
  'with trailers behind the chunks': (start) =>
    requestText(
      [...start, 'Transfer-Encoding: chunked', 'Trailer: x-cos-acl'],
      chunked(JSON_BODY).replace(/\r\n$/, 'x-cos-acl: private\r\n\r\n'),
    ),
  'with a chunk extension': (start) =>
    requestText(
      [...start, 'Transfer-Encoding: Chunked'],
      chunked(JSON_BODY).replace('\r\n', ';a=b\r\n'),
    ),
  'with much space around': (start) =>
    requestText(
      [...start, `Content-Length: ${JSON_BODY.length + 1000}`],
      JSON_BODY + ' '.repeat(1000),
    ),
  'with an expectation': (start) =>
    requestText(
      [...start, 'Expect: 100-continue', `Content-Length: ${JSON_BODY.length}`],
      JSON_BODY,
    ),
  'in HTTP/1.0': (start) =>
    requestText(
      [
        ...start.map((line) => line.replace('HTTP/1.1', 'HTTP/1.0')),
        `Content-Length: ${JSON_BODY.length}`,
      ],
      JSON_BODY,
    ),
};

test.each(Object.entries(FRAMINGS))(
  'a body %s goes up with the length of the XML and no other framing',
  async (_, framed) => {
    const { gateway, upstream } = await start();
    const text = framed([
      `PUT ${PATH} HTTP/1.1`,
      'Host: gateway.test',
      `Authorization: Bearer ${gateway.token('photos')}`,
      'Content-Type: application/json',
    ]);
    const answer = await sendRaw(gateway.served.gateway.port, text);
    expect(answer.status).toBe(200);
    expect(upstream.bytes()).toBe(wanted('PUT'));
  },
);

test('no tenant’s token reaches the upstream, and no key of ours', async () => {
  const { gateway, upstream } = await start();
  for (const method of ['PUT', 'GET', 'DELETE'] as const) {
    await sendRaw(gateway.served.gateway.port, requestOf(gateway, method));
  }
  expect(upstream.requests).toHaveLength(3);
  expect(upstream.bytes()).not.toMatch(/bearer|eyJ|canary/i);
});
