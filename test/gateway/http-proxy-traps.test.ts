import { expect, test } from 'vitest';
import { Deadline } from '../../src/upstream/deadline.ts';
import { createTransport } from '../../src/upstream/keep-alive-transport.ts';
import { WireRequest } from '../../src/upstream/wire-request.ts';
import { BUCKET, REGION, type RunningGateway, startGateway } from '../support/gateway.ts';
import { chunked, converse, requestText, sendRaw } from '../support/raw-client.ts';
import { replyNormally, startRawUpstream } from '../support/raw-upstream.ts';

const PATIENTLY = { timeout: 10_000 } as const;

/**
 * One test for each known trap of http-proxy 1.18.1, in the words of the trap: whatever sends our
 * requests must not have it. Here those about what is sent.
 */

const PATH = `/v1/regions/${REGION}/buckets/${BUCKET}/image-slim`;
const AUTO = { modes: ['Auto'], suffixes: ['jpg'] };
const JSON_BODY = JSON.stringify(AUTO);
const XML =
  '<ImageSlim><SlimMode>Auto</SlimMode><Suffixs><Suffix>jpg</Suffix></Suffixs></ImageSlim>';
const SMUGGLED = 'PUT /?image-slim HTTP/1.1\r\nHost: a.pic.ap-shanghai.myqcloud.com\r\n\r\n';

async function start() {
  const upstream = await startRawUpstream(replyNormally);
  return { upstream, gateway: await startGateway({ connect: upstream }) };
}

const linesOf = (gateway: RunningGateway, method: string, extra: readonly string[]) => [
  `${method} ${PATH} HTTP/1.1`,
  'Host: gateway.test',
  `Authorization: Bearer ${gateway.token('photos')}`,
  ...extra,
];

test('1: with an Expect header the request is still signed, and no JWT goes upstream', async () => {
  const { gateway, upstream } = await start();
  const client = await converse(gateway.served.gateway.port);
  const length = `Content-Length: ${JSON_BODY.length}`;
  const type = 'Content-Type: application/json';
  client.send(requestText(linesOf(gateway, 'PUT', ['Expect: 100-continue', type, length])));
  await expect.poll(client.received, PATIENTLY).toMatch(/^HTTP\/1\.1 100 Continue\r\n/);
  client.send(JSON_BODY);
  expect((await client.answers(1))[0]?.status).toBe(200);
  expect(upstream.bytes()).toMatch(/^authorization: q-sign-algorithm=sha1&/m);
  expect(upstream.bytes()).not.toMatch(/expect|bearer/i);
});

test('2: DELETE with a chunked body pipes no hidden PUT upstream', async () => {
  const { gateway, upstream } = await start();
  for (const framing of ['Transfer-Encoding: chunked', `Content-Length: ${SMUGGLED.length}`]) {
    const body = framing.startsWith('T') ? chunked(SMUGGLED) : SMUGGLED;
    const text = requestText(linesOf(gateway, 'DELETE', [framing]), body);
    const answer = await sendRaw(gateway.served.gateway.port, text);
    expect(answer.json).toMatchObject({ status: 400, code: 'body-unexpected' });
  }
  expect(upstream.connectionCount()).toBe(0);
});

test('3: a chunked caller makes no second framing header next to content-length', async () => {
  const { gateway, upstream } = await start();
  const extra = ['Content-Type: application/json', 'Transfer-Encoding: chunked'];
  const text = requestText(linesOf(gateway, 'PUT', extra), chunked(JSON_BODY));
  expect((await sendRaw(gateway.served.gateway.port, text)).status).toBe(200);
  const framing = upstream.requests[0]?.headers.filter(([name]) =>
    /^(?:content-length|transfer-encoding)$/i.test(name),
  );
  expect(framing).toEqual([['content-length', String(upstream.requests[0]?.body.length)]]);
});

test('4: replacing the body does not keep the caller’s content-length', async () => {
  const { gateway, upstream } = await start();
  const body = `${JSON_BODY}${' '.repeat(500)}`;
  expect((await gateway.call('PUT', { body })).status).toBe(200);
  expect((await gateway.call('PUT', { body: JSON_BODY })).status).toBe(200);
  expect(upstream.requests.map(({ body: xml }) => xml)).toEqual([XML, XML]);
  expect(upstream.requests.map(({ headers }) => new Map(headers).get('content-length'))).toEqual([
    String(XML.length),
    String(XML.length),
  ]);
  expect(upstream.bytes()).toBe(upstream.requests.map(({ text }) => text).join(''));
});

test('5: no caller header is forwarded: not authorization, proxy-authorization, te, those named in connection, x-cos-security-token', async () => {
  const { gateway, upstream } = await start();
  const extra = [
    'Proxy-Authorization: Basic canary',
    'TE: trailers',
    'Connection: keep-alive, x-named, authorization, content-md5',
    'x-named: canary',
    'x-cos-security-token: canary',
    'x-cos-acl: canary',
    'Cookie: canary',
  ];
  const text = requestText(linesOf(gateway, 'GET', extra));
  expect((await sendRaw(gateway.served.gateway.port, text)).status).toBe(200);
  expect(upstream.requests[0]?.headers.map(([name]) => name)).toEqual([
    'host',
    'connection',
    'authorization',
  ]);
  expect(upstream.bytes()).not.toMatch(/canary|bearer/i);
});

test('10: an invalid header value does not throw out of the transport', async () => {
  const upstream = await startRawUpstream(replyNormally);
  const connect = { protocol: 'http:', ...upstream } as const;
  const transport = createTransport({ connect, maxSockets: 4, idleSocketMs: 1000 });
  const wire = { method: 'PUT', host: 'a', target: '/?image-slim', body: null };
  for (const headers of [{ 'x-a': 'a\r\nx-b: c' }, { 'x a': 'b' }, { 'x-a': 'b\u0100' }]) {
    expect(
      await transport.exchange(new WireRequest({ ...wire, headers }), new Deadline(5000)),
    ).toMatchObject({
      fault: 'unreachable',
      wasSent: false,
    });
  }
  expect(upstream.bytes()).toBe('');
});

test('15: `//` in a path: the path that is sent is the constant that was signed', async () => {
  const { gateway, upstream } = await start();
  for (const path of [`/${PATH}`, PATH.replace('/regions', '//regions'), `${PATH}//`]) {
    const [first = '', ...lines] = linesOf(gateway, 'GET', []);
    const text = requestText([first.replace(PATH, path), ...lines]);
    expect((await sendRaw(gateway.served.gateway.port, text)).status, path).toBe(404);
  }
  expect(upstream.requests).toHaveLength(0);
  await gateway.call('GET');
  await gateway.call('PUT', { body: AUTO });
  await gateway.call('DELETE');
  expect(upstream.requests.map(({ target }) => target)).toEqual(Array(3).fill('/?image-slim'));
});

test('16: a caller’s X-Forwarded-For spoofs no source address', async () => {
  const { gateway, upstream } = await start();
  const headers = { 'x-forwarded-for': '10.9.8.7', 'x-real-ip': '10.9.8.7' };
  expect((await gateway.call('PUT', { body: AUTO, headers })).status).toBe(200);
  expect(upstream.bytes()).not.toMatch(/forwarded|10\.9\.8\.7/i);
  await gateway.close();
  const closing = gateway.records().find(({ kind }) => kind === 'closing');
  expect(closing).toMatchObject({ sourceAddress: '127.0.0.1' });
  expect(JSON.stringify(gateway.records())).not.toContain('10.9.8.7');
});
