import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test, vi } from 'vitest';
import { Deadline } from '../../src/upstream/deadline.ts';
import { createTransport } from '../../src/upstream/keep-alive-transport.ts';
import { type RequestParts, WireRequest } from '../../src/upstream/wire-request.ts';
import {
  BUCKET,
  type JournalLine,
  REGION,
  type RunningGateway,
  startGateway,
} from '../support/gateway.ts';
import { converse, requestText, sendRaw } from '../support/raw-client.ts';
import {
  answerText,
  normalAnswer,
  type RawUpstream,
  type Reply,
  replyNormally,
  startRawUpstream,
} from '../support/raw-upstream.ts';

const PATIENTLY = { timeout: 10_000 } as const;

/**
 * One test for each known trap of http-proxy 1.18.1, in the words of the trap: here those about
 * how a call goes on and ends.
 */

const PATH = `/v1/regions/${REGION}/buckets/${BUCKET}/image-slim`;
const AUTO = { modes: ['Auto'], suffixes: ['jpg'] };
const JSON_BODY = JSON.stringify(AUTO);

async function start(reply: Reply, settings = '') {
  const upstream = await startRawUpstream(reply);
  return { upstream, gateway: await startGateway({ connect: upstream, upstream: settings }) };
}

const linesOf = (gateway: RunningGateway, method: string, extra: readonly string[]) => [
  `${method} ${PATH} HTTP/1.1`,
  'Host: gateway.test',
  `Authorization: Bearer ${gateway.token('photos')}`,
  ...extra,
];

/** The closing record of the newest request, once it is written. */
async function lastClosing(gateway: RunningGateway): Promise<JournalLine | undefined> {
  await gateway.close();
  return gateway.records().findLast(({ kind }) => kind === 'closing');
}

async function openSocketsAre(upstream: RawUpstream, count: number): Promise<void> {
  await expect.poll(() => upstream.openSockets().length, PATIENTLY).toBe(count);
}

const PARTS: RequestParts = {
  method: 'PUT',
  host: 'a',
  target: '/?image-slim',
  headers: { host: 'a', 'content-length': '2' },
  body: Buffer.from('ab'),
};
const WIRE = new WireRequest(PARTS);

const transportTo = (upstream: { host: string; port: number }) =>
  createTransport({
    connect: { protocol: 'http:', ...upstream },
    maxSockets: 4,
    idleSocketMs: 1000,
  });

test('6: client gone: a mutation is let finish, its outcome recorded, its upstream socket kept', async () => {
  const answers: (() => void)[] = [];
  const { gateway, upstream } = await start((socket, { method }) => {
    if (method === 'PUT') answers.push(() => socket.write(normalAnswer(method)));
    else socket.write(normalAnswer(method));
  });
  const printed = vi.spyOn(console, 'error');
  const client = await converse(gateway.served.gateway.port);
  const extra = ['Content-Type: application/json', `Content-Length: ${JSON_BODY.length}`];
  client.send(requestText(linesOf(gateway, 'PUT', extra), JSON_BODY));
  await expect.poll(() => answers.length, PATIENTLY).toBe(1);
  client.socket.resetAndDestroy();
  await client.answersUntilClosed();
  answers[0]?.();
  await expect
    .poll(() => gateway.records().at(-1), PATIENTLY)
    .toMatchObject({ outcome: 'applied' });
  expect((await gateway.call('GET')).status).toBe(200);
  expect(upstream.connectionCount()).toBe(1);
  expect(printed).not.toHaveBeenCalled();
  expect(gateway.logged()).toContain('the caller did not wait for its answer');
});

test('6: client gone and a silent upstream: the upstream socket is closed at the deadline', async () => {
  const { gateway, upstream } = await start(() => {}, 'timeoutMs: 600');
  const client = await converse(gateway.served.gateway.port);
  client.send(requestText(linesOf(gateway, 'DELETE', [])));
  await expect.poll(() => upstream.requests.length, PATIENTLY).toBe(1);
  client.socket.destroy();
  await openSocketsAre(upstream, 0);
  expect(await lastClosing(gateway)).toMatchObject({
    outcome: 'unknown',
    code: 'upstream-timeout',
  });
});

test('7: upstream dies in the middle of its answer: the caller is answered, the outcome recorded', async () => {
  const { gateway } = await start((socket) => {
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc');
  });
  const answer = await gateway.call('PUT', { body: AUTO });
  expect(await answer.json()).toMatchObject({ status: 502, code: 'upstream-failed' });
  expect(await lastClosing(gateway)).toMatchObject({ outcome: 'unknown', code: 'upstream-failed' });
});

test('8: an exchange settles on success and on a reset, where http-proxy calls nothing back', async () => {
  const upstream = await startRawUpstream((socket, { method }) => {
    if (method === 'PUT') socket.write(answerText('200 OK'));
    else socket.resetAndDestroy();
  });
  const transport = transportTo(upstream);
  expect(await transport.exchange(WIRE, new Deadline(5000))).toMatchObject({
    kind: 'answer',
    status: 200,
  });
  const fresh = transportTo(upstream);
  expect(
    await fresh.exchange(new WireRequest({ ...PARTS, method: 'DELETE' }), new Deadline(5000)),
  ).toMatchObject({
    kind: 'fault',
    fault: 'reset',
    wasSent: true,
    isStaleSocket: false,
  });
  transport.close();
});

test('9: a control character in the upstream’s reason phrase does not end the process', async () => {
  const { gateway } = await start((socket, { method }) => {
    if (method === 'GET') socket.write(normalAnswer('GET'));
    else socket.end('HTTP/1.1 500 a\x01b\tc\x7f\r\nContent-Length: 0\r\n\r\n');
  });
  const answer = await gateway.call('PUT', { body: AUTO });
  expect(answer.status).toBe(502);
  expect(answer.statusText).toBe('Bad Gateway');
  expect((await gateway.call('GET')).status).toBe(200);
});

test('11: ECONNREFUSED is an answer, and nothing was applied', async () => {
  const { gateway, upstream } = await start(replyNormally);
  upstream.stopListening();
  const answer = await gateway.call('PUT', { body: AUTO });
  expect(await answer.json()).toMatchObject({ status: 502, code: 'upstream-unreachable' });
  expect(await lastClosing(gateway)).toMatchObject({ outcome: 'not_applied', attempts: 2 });
});

test('12: dripped bytes are cut at the deadline, with 504 and not 502', async () => {
  const { gateway, upstream } = await start((socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n');
    const drip = setInterval(() => socket.write('a'), 50);
    socket.on('close', () => clearInterval(drip));
  }, 'timeoutMs: 600');
  const answer = await gateway.call('PUT', { body: AUTO });
  expect(await answer.json()).toMatchObject({ status: 504, code: 'upstream-timeout' });
  await openSocketsAre(upstream, 0);
  expect(await lastClosing(gateway)).toMatchObject({
    outcome: 'unknown',
    code: 'upstream-timeout',
  });
});

test('13: one upstream connection serves many calls, and no `connection: close` comes back', async () => {
  const { gateway, upstream } = await start(replyNormally);
  for (let i = 0; i < 5; i += 1) {
    const answer = await gateway.call('PUT', { body: AUTO });
    expect(answer.headers.get('connection')).toBe('keep-alive');
  }
  const text = requestText(linesOf(gateway, 'GET', ['Connection: close']));
  expect((await sendRaw(gateway.served.gateway.port, text)).status).toBe(200);
  expect(upstream.requests).toHaveLength(6);
  expect(upstream.connectionCount()).toBe(1);
});

test('14: keep-alive: a stale socket is retried once, as attempt 2 of the same intent', async () => {
  let answered = 0;
  const { gateway, upstream } = await start((socket, { method }) => {
    answered += 1;
    if (answered === 2) socket.resetAndDestroy();
    else socket.write(normalAnswer(method));
  });
  expect((await gateway.call('GET')).status).toBe(200);
  expect((await gateway.call('PUT', { body: AUTO })).status).toBe(200);
  expect(upstream.requests.map(({ connection }) => connection)).toEqual([1, 1, 2]);
  expect(upstream.requests[2]?.text).toBe(upstream.requests[1]?.text);
  expect(await lastClosing(gateway)).toMatchObject({ outcome: 'applied', attempts: 2 });
  const kinds = gateway.records().map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === 'intent')).toHaveLength(1);
});

test('17: `util._extend` prints no DEP0060 when a download loads http-proxy, and other deprecations still print', async () => {
  const module = JSON.stringify(
    new URL('../../src/upstream/http-proxy-downloads.ts', import.meta.url).href,
  );
  const script = `
    const { createDownloads } = await import(${module});
    const connect = { protocol: 'http:', host: '127.0.0.1', port: 1 };
    const downloads = createDownloads({ connect, idleSockets: 1, idleSocketMs: 100 });
    const request = { method: 'GET', host: 'a', target: '/', headers: {}, body: null };
    const { signal } = new AbortController();
    const limits = { deadlineMs: 5000, maxBytes: 1, accepts: () => true, signal };
    await downloads.count(request, limits);
    downloads.close();
    const { default: module } = await import('node:module');
    const isLoaded = Object.keys(module._cache).some((path) => path.includes('/http-proxy/'));
    console.log(isLoaded);
    const { default: util } = await import('node:util');
    if (process.argv[1] === 'more') util._extend({}, {});`;
  const run = (...more: string[]) =>
    promisify(execFile)(process.execPath, ['--input-type=module', '-e', script, ...more]);
  expect(await run()).toEqual({ stdout: 'true\n', stderr: '' });
  expect((await run('more')).stderr).toContain('DEP0060');
});
