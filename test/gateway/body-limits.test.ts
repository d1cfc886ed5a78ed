import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { BUCKET, type GatewayOptions, REGION, startGateway } from '../support/gateway.ts';
import { chunked, converse, requestText, sendRaw } from '../support/raw-client.ts';
import { replyNormally, startRawUpstream } from '../support/raw-upstream.ts';

const PATH = `/v1/regions/${REGION}/buckets/${BUCKET}/image-slim`;
const BODY = '{"modes":["API"]}';
const JSON_TYPE = 'Content-Type: application/json';
const MAX_BYTES = 4096;

async function start(options: Pick<GatewayOptions, 'limits'> = {}) {
  const upstream = await startRawUpstream(replyNormally);
  const gateway = await startGateway({ connect: upstream, ...options });
  const bearer = `Authorization: Bearer ${gateway.token('photos')}`;
  return {
    gateway,
    upstream,
    port: gateway.served.gateway.port,
    put: (...extra: string[]) => [`PUT ${PATH} HTTP/1.1`, 'Host: a', bearer, JSON_TYPE, ...extra],
    get: [`GET ${PATH} HTTP/1.1`, 'Host: a', bearer],
  };
}

test('a body of exactly the limit is taken, a byte more is not', async () => {
  const { gateway, upstream } = await start();
  const padded = (length: number) => BODY + ' '.repeat(length - BODY.length);
  expect((await gateway.call('PUT', { body: padded(MAX_BYTES) })).status).toBe(200);
  const refused = await gateway.call('PUT', { body: padded(MAX_BYTES + 1) });
  expect(await refused.json()).toMatchObject({ status: 413, code: 'body-too-large' });
  expect(upstream.requests).toHaveLength(1);
});

test.each([4097, 16_777_216, 2 ** 52])(
  'a declared length of %i is refused before a byte of the body has come',
  async (length) => {
    const { put, port, upstream } = await start();
    const answer = await sendRaw(port, requestText(put(`Content-Length: ${length}`)));
    expect(answer).toMatchObject({ status: 413, json: { code: 'body-too-large' } });
    expect(upstream.requests).toHaveLength(0);
  },
);

test('an endless chunked body is refused when the limit is passed', async () => {
  const { put, port, upstream } = await start();
  const client = await converse(port);
  client.send(requestText(put('Transfer-Encoding: chunked')));
  const drip = setInterval(() => client.send(`400\r\n${' '.repeat(1024)}\r\n`), 5);
  const answers = await client.answers(1);
  clearInterval(drip);
  expect(answers).toMatchObject([{ status: 413, json: { code: 'body-too-large' } }]);
  expect(upstream.requests).toHaveLength(0);
});

test.each(['with a length', 'in chunks'])(
  'a caller that sends 16 MiB %s before it reads gets its answer, and no other',
  async (framing) => {
    const { gateway, put, get, port, upstream } = await start();
    const blanks = ' '.repeat(16 * 1024 * 1024);
    const client = await converse(port);
    client.socket.pause();
    const text =
      framing === 'in chunks'
        ? requestText(put('Transfer-Encoding: chunked'), chunked(blanks))
        : requestText(put(`Content-Length: ${blanks.length}`), blanks);
    // What comes behind it is not read any more: the answer has said that it closes.
    await new Promise((sent) => client.socket.write(text + requestText(get), sent));
    client.socket.resume();
    const answers = await client.answersUntilClosed();
    expect(answers).toMatchObject([
      { status: 413, headers: { connection: 'close' }, json: { code: 'body-too-large' } },
    ]);
    expect(upstream.requests).toHaveLength(0);
    expect((await gateway.call('GET')).status).toBe(200);
  },
);

test('a caller that goes on sending after its answer is cut at the limit', async () => {
  const { put, port } = await start({ limits: 'bodyTimeoutMs: 200' });
  const client = await converse(port);
  client.send(requestText(put('Content-Length: 1000000')));
  const drip = setInterval(() => client.send(' '), 20);
  const answers = await client.answersUntilClosed();
  clearInterval(drip);
  expect(answers).toMatchObject([{ status: 413 }]);
});

test('a slow body is given up with 408', async () => {
  const { gateway, put, port, upstream } = await start({ limits: 'bodyTimeoutMs: 200' });
  const client = await converse(port);
  client.send(requestText(put(`Content-Length: ${BODY.length}`), BODY.slice(0, 1)));
  const drip = setInterval(() => client.send(' '), 60);
  const answers = await client.answersUntilClosed();
  clearInterval(drip);
  expect(answers).toMatchObject([{ status: 408, json: { code: 'body-timeout' } }]);
  expect(upstream.requests).toHaveLength(0);
  await gateway.close();
  expect(gateway.records().find(({ kind }) => kind === 'closing')).toMatchObject({
    outcome: 'refused',
    code: 'body-timeout',
  });
});

test.each([
  ['nothing at all', ''],
  ['half a request line', 'PUT /v1/reg'],
  ['headers without an end', `PUT ${PATH} HTTP/1.1\r\nHost: a\r\n`],
])('a connection that sends %s is closed soon after the limit', async (_, text) => {
  const { port } = await start({ limits: 'headersTimeoutMs: 300' });
  const client = await converse(port);
  client.send(text);
  const drip = setInterval(() => text && client.send('a'), 100);
  const answers = await client.answersUntilClosed();
  clearInterval(drip);
  expect(answers.map(({ status }) => status)).toEqual([408]);
});

test('slow connections keep nobody else waiting', async () => {
  const { gateway, put, port } = await start({ limits: 'bodyTimeoutMs: 60000' });
  const slow = await Promise.all(Array.from({ length: 200 }, () => converse(port)));
  for (const [index, client] of slow.entries()) {
    const head = requestText(put(`Content-Length: ${BODY.length}`), '{');
    client.send(index % 2 === 0 ? head : head.slice(0, 30));
  }
  for (let i = 0; i < 5; i += 1) {
    expect((await gateway.call('GET', { tenant: 'reports' })).status).toBe(200);
  }
  for (const { socket } of slow) socket.destroy();
});

test.each(['gzip', 'GZIP', 'deflate', 'br', 'zstd', 'identity, gzip', 'x-unknown', 'gzip, gzip'])(
  'a body with Content-Encoding %s is refused, never unpacked',
  async (encoding) => {
    const { gateway, upstream } = await start();
    const body = gzipSync(Buffer.from(BODY + ' '.repeat(1_000_000)));
    const answer = await gateway.call('PUT', { body, headers: { 'content-encoding': encoding } });
    expect(await answer.json()).toMatchObject({ status: 415, code: 'unsupported-media-type' });
    expect(upstream.requests).toHaveLength(0);
  },
);

test('headers beyond 16 KiB are refused with 431', async () => {
  const { put, port } = await start();
  const lines = put(`x-long: ${'a'.repeat(16 * 1024)}`, 'Content-Length: 0');
  expect(await sendRaw(port, requestText(lines))).toMatchObject({ status: 431 });
});

test('only a caller that may be heard is told to go on', async () => {
  const { put, port } = await start();
  const expectation = 'Expect: 100-continue';
  const refused = {
    413: put(expectation, 'Content-Length: 4097'),
    415: put(expectation, 'Content-Length: 9').filter((line) => line !== JSON_TYPE),
    401: put(expectation, 'Content-Length: 9').filter((line) => !line.startsWith('Auth')),
  };
  for (const [status, lines] of Object.entries(refused)) {
    const client = await converse(port);
    client.send(requestText(lines));
    expect((await client.answersUntilClosed()).map((answer) => answer.status)).toEqual([+status]);
    expect(client.received()).not.toContain('100 Continue');
  }
});

test('an expectation nobody knows is refused with 417', async () => {
  const { put, port, upstream } = await start();
  const lines = put('Expect: 200-ok', `Content-Length: ${BODY.length}`);
  expect((await sendRaw(port, requestText(lines, BODY))).status).toBe(417);
  expect(upstream.requests).toHaveLength(0);
});

test('a caller of HTTP/1.0 gets no interim answer', async () => {
  const { put, port } = await start();
  const lines = put('Expect: 100-continue', `Content-Length: ${BODY.length}`);
  const client = await converse(port);
  const old = lines.map((line) => line.replace('HTTP/1.1', 'HTTP/1.0'));
  client.send(requestText(old, BODY));
  expect(await client.answersUntilClosed()).toMatchObject([{ status: 200 }]);
  expect(client.received()).not.toContain('100 Continue');
});

test('a GET with a length of zero has no body', async () => {
  const { get, port } = await start();
  expect((await sendRaw(port, requestText([...get, 'Content-Length: 0']))).status).toBe(200);
});
