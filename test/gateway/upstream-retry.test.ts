import net from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { type JournalLine, type RunningGateway, startGateway } from '../support/gateway.ts';
import {
  answerText,
  normalAnswer,
  type Reply,
  replyNormally,
  startRawUpstream,
} from '../support/raw-upstream.ts';

const AUTO = { modes: ['Auto'], suffixes: ['jpg'] };

/** A gateway that holds one connection which its upstream will treat as `reply` says. */
async function startWithKeptConnection(reply: Reply, timeoutMs = 5000) {
  const upstream = await startRawUpstream((socket, request) => {
    if (upstream.requests.length === 1) socket.write(normalAnswer(request.method));
    else reply(socket, request);
  });
  const gateway = await startGateway({ connect: upstream, upstream: `timeoutMs: ${timeoutMs}` });
  expect((await gateway.call('GET')).status).toBe(200);
  return { gateway, upstream };
}

async function closingsOf(gateway: RunningGateway, method: string): Promise<JournalLine[]> {
  await gateway.close();
  return gateway
    .records()
    .filter((record) => record.kind === 'closing' && record.method === method);
}

test.each(['PUT', 'DELETE'] as const)(
  'a stale connection costs a %s one more attempt, never two',
  async (method) => {
    const { gateway, upstream } = await startWithKeptConnection((socket) => {
      socket.resetAndDestroy();
    });
    const answer = await gateway.call(method, method === 'PUT' ? { body: AUTO } : {});
    expect(await answer.json()).toMatchObject({ status: 502, code: 'upstream-failed' });
    expect(upstream.requests.map(({ connection }) => connection)).toEqual([1, 1, 2]);
    expect(await closingsOf(gateway, method)).toMatchObject([{ outcome: 'unknown', attempts: 2 }]);
  },
);

/** A connection that gave bytes was not stale: what it began to answer may have been done. */
const BEGUN: Readonly<Record<string, Reply>> = {
  'half a status line': (socket) => socket.write('HTTP/1.1 2', () => socket.resetAndDestroy()),
  'an interim answer': (socket) =>
    socket.write('HTTP/1.1 102 Processing\r\n\r\n', () => socket.resetAndDestroy()),
  garbage: (socket) => void socket.write('garbage\r\n\r\n'),
  'an upgrade': (socket) =>
    void socket.write('HTTP/1.1 101 Up\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n'),
};

test.each(Object.entries(BEGUN))(
  'a request is not sent again after %s on a kept connection',
  async (_, reply) => {
    const { gateway, upstream } = await startWithKeptConnection(reply);
    expect((await gateway.call('PUT', { body: AUTO })).status).toBe(502);
    expect(upstream.requests).toHaveLength(2);
    expect(await closingsOf(gateway, 'PUT')).toMatchObject([{ outcome: 'unknown', attempts: 1 }]);
  },
);

test('a request is not sent again after a deadline', async () => {
  const upstream = await startRawUpstream((socket, { method }) => {
    if (method === 'GET') socket.write(normalAnswer(method));
  });
  const gateway = await startGateway({ connect: upstream, upstream: 'timeoutMs: 300' });
  await gateway.call('GET');
  expect((await gateway.call('PUT', { body: AUTO })).status).toBe(504);
  expect(upstream.requests).toHaveLength(2);
  expect(await closingsOf(gateway, 'PUT')).toMatchObject([{ outcome: 'unknown', attempts: 1 }]);
});

test('both attempts together have one deadline', async () => {
  const timeoutMs = 2000;
  let waitedMs = 0;
  const { gateway } = await startWithKeptConnection((socket, { connection }) => {
    if (connection === 1) setTimeout(() => socket.resetAndDestroy(), 1000);
    const start = performance.now();
    socket.on('close', () => {
      waitedMs = performance.now() - start;
    });
  }, timeoutMs);
  expect((await gateway.call('PUT', { body: AUTO })).status).toBe(504);
  expect(await closingsOf(gateway, 'PUT')).toMatchObject([{ outcome: 'unknown', attempts: 2 }]);
  // The second attempt had about 1000 ms, and not 2000 of its own.
  expect(waitedMs).toBeLessThan(timeoutMs - 100);
});

test('when the second attempt finds nobody, what the first may have done stays unknown', async () => {
  const { gateway, upstream } = await startWithKeptConnection((socket) => {
    upstream.stopListening();
    socket.resetAndDestroy();
  });
  const answer = await gateway.call('PUT', { body: AUTO });
  const problem = (await answer.json()) as { code: string; detail: string };
  expect(problem).toMatchObject({ status: 502, code: 'upstream-failed' });
  expect(problem.detail).not.toContain('nothing was sent');
  expect(await closingsOf(gateway, 'PUT')).toMatchObject([{ outcome: 'unknown', attempts: 2 }]);
});

test('when the second attempt is refused, what the first may have done stays unknown', async () => {
  const { gateway } = await startWithKeptConnection((socket, { connection }) => {
    if (connection === 1) socket.resetAndDestroy();
    else socket.write(answerText('403', '<Error><Code>AccessDenied</Code></Error>'));
  });
  expect((await gateway.call('PUT', { body: AUTO })).status).toBe(502);
  expect(await closingsOf(gateway, 'PUT')).toMatchObject([
    { outcome: 'unknown', attempts: 2, upstreamStatus: 403, upstreamCode: 'AccessDenied' },
  ]);
});

test('when one kept connection is stale, the second attempt takes none of the others', async () => {
  const waiting: (() => void)[] = [];
  const upstream = await startRawUpstream((socket, { method, connection }) => {
    const seen = upstream.requests.filter((other) => other.connection === connection).length;
    if (connection > 3) socket.write(normalAnswer(method));
    else if (seen === 1) waiting.push(() => socket.write(normalAnswer(method)));
    else socket.resetAndDestroy();
    if (waiting.length === 3) for (const answer of waiting.splice(0)) answer();
  });
  const gateway = await startGateway({ connect: upstream, upstream: 'timeoutMs: 5000' });
  await Promise.all([1, 2, 3].map(() => gateway.call('GET')));
  expect(upstream.openSockets()).toHaveLength(3);
  expect((await gateway.call('PUT', { body: AUTO })).status).toBe(200);
  expect(await closingsOf(gateway, 'PUT')).toMatchObject([{ outcome: 'applied', attempts: 2 }]);
});

/** The outcome of a change whose first connection finds no listener, unless that comes too soon. */
async function changeBetweenListeners() {
  const first = await startRawUpstream(replyNormally);
  const gateway = await startGateway({ connect: first });
  first.stopListening();
  const answering = gateway.call('PUT', { body: AUTO });
  const isIntended = () => gateway.records().some(({ kind }) => kind === 'intent');
  await expect.poll(isIntended, { interval: 2, timeout: 10_000 }).toBe(true);
  await wait(30);
  const second = net.createServer((socket) => {
    socket.on('data', () => void socket.write(normalAnswer('PUT')));
  });
  second.listen(first.port, first.host);
  onTestFinished(() => void second.close());
  expect((await answering).status).toBe(200);
  return (await closingsOf(gateway, 'PUT'))[0];
}

test('a connection that is refused is tried once more, and another listener is found', async () => {
  for (let tries = 0; tries < 5; tries += 1) {
    const closing = await changeBetweenListeners();
    expect(closing).toMatchObject({ outcome: 'applied' });
    if (closing?.attempts === 2) return;
  }
  throw new Error('no first connection was refused');
});

test('a connection that is refused twice was not sent to, in two attempts', async () => {
  const gateway = await startGateway({ connect: { host: '127.0.0.1', port: 1 } });
  const answer = await gateway.call('PUT', { body: AUTO });
  expect(await answer.json()).toMatchObject({
    code: 'upstream-unreachable',
    detail: expect.stringContaining('nothing was sent'),
  });
  expect(await closingsOf(gateway, 'PUT')).toMatchObject([{ outcome: 'not_applied', attempts: 2 }]);
});
