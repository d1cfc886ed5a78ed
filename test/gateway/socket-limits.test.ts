import { once } from 'node:events';
import net from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { BUCKET, type GatewayOptions, REGION, startGateway } from '../support/gateway.ts';
import { chunked, converse, requestText } from '../support/raw-client.ts';
import { replyNormally, startRawUpstream } from '../support/raw-upstream.ts';

const PATH = `/v1/regions/${REGION}/buckets/${BUCKET}/image-slim`;
const PATIENTLY = { timeout: 10_000 } as const;

async function start(options: Pick<GatewayOptions, 'limits' | 'listen'> = {}) {
  const upstream = await startRawUpstream(replyNormally);
  const gateway = await startGateway({ connect: upstream, ...options });
  const bearer = `Authorization: Bearer ${gateway.token('photos')}`;
  const refusals = async () => {
    await gateway.close();
    return gateway.records().filter(({ kind }) => kind === 'connection-refused');
  };
  return {
    gateway,
    refusals,
    port: gateway.served.gateway.port,
    get: requestText([`GET ${PATH} HTTP/1.1`, 'Host: a', bearer]),
    put: [`PUT ${PATH} HTTP/1.1`, 'Host: a', bearer, 'Content-Type: application/json'],
  };
}

test('T23: a peer with all its sockets gets no other until it gives one back', async () => {
  const { port, get, refusals } = await start({ limits: 'socketsPerPeer: 3' });
  const held = await Promise.all(Array.from({ length: 3 }, () => converse(port)));
  for (const one of held) one.send(get);
  await Promise.all(held.map((one) => one.answers(1)));
  const fourth = await converse(port);
  fourth.send(get);
  // Nothing is read of it: what it sends may reset it before it has read why.
  expect([[], [429]]).toContainEqual(
    (await fourth.answersUntilClosed()).map(({ status }) => status),
  );
  held[0]?.socket.destroy();
  await expect
    .poll(async () => {
      const again = await converse(port);
      again.send(get);
      return (await again.answers(1).catch(() => [])).map(({ status }) => status);
    }, PATIENTLY)
    .toEqual([200]);
  expect((await refusals())[0]).toMatchObject({
    peerAddress: '127.0.0.1',
    reason: 'sockets-of-peer',
    status: 429,
  });
});

test('T23: the sockets of a trusted proxy count towards the total alone', async () => {
  const { port, get, refusals } = await start({
    listen: 'trustedProxies: [127.0.0.1]',
    limits: 'socketsPerPeer: 1\nsockets: 3',
  });
  const held = await Promise.all(Array.from({ length: 3 }, () => converse(port)));
  for (const one of held) one.send(get);
  for (const one of held) expect((await one.answers(1))[0]?.status).toBe(200);
  expect(await (await converse(port)).answersUntilClosed()).toEqual([]);
  expect(await refusals()).toMatchObject([
    { peerAddress: '127.0.0.1', reason: 'sockets', status: null },
  ]);
});

test('T62b: what the parser refuses is recorded with its peer and its reason', async () => {
  const { port, put, refusals } = await start({ limits: 'headersTimeoutMs: 300' });
  const cases: readonly [text: string, status: number, reason: string][] = [
    ['GET / HTTP/1.1\r\nHost: a\r\nx y: z\r\n\r\n', 400, 'HPE_INVALID_HEADER_TOKEN'],
    [`GET / HTTP/1.1\r\nx: ${'a'.repeat(17_000)}\r\n\r\n`, 431, 'HPE_HEADER_OVERFLOW'],
    ['GET / HT', 408, 'ERR_HTTP_REQUEST_TIMEOUT'],
    ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400, 'HPE_INVALID_METHOD'],
    [
      requestText(
        [put[0]?.replace('1.1', '1.0') ?? '', ...put.slice(1), 'Transfer-Encoding: chunked'],
        chunked('{}'),
      ),
      400,
      'chunks-in-http-1.0',
    ],
  ];
  for (const [text, status] of cases) {
    const client = await converse(port);
    client.send(text);
    expect((await client.answersUntilClosed()).map((answer) => answer.status)).toEqual([status]);
  }
  expect(await refusals()).toMatchObject(
    cases.map(([, status, reason]) => ({ peerAddress: '127.0.0.1', reason, status })),
  );
});

test('T62b: a flood that the parser refuses does not fill the disk, and is counted', async () => {
  const { port, gateway, refusals } = await start();
  const flood = async () => {
    for (let i = 0; i < 60; i += 1) {
      const client = await converse(port);
      client.send('NONSENSE\r\n\r\n');
      await client.answersUntilClosed();
    }
  };
  const since = Date.now();
  await Promise.all(Array.from({ length: 5 }, flood));
  const seconds = (Date.now() - since) / 1_000;
  // The next one that is recorded carries the count of those that were not.
  await expect
    .poll(async () => {
      await fetch(`${gateway.url}/elsewhere`);
      return gateway.records().some(({ kind }) => kind === 'refusals-skipped');
    }, PATIENTLY)
    .toBe(true);
  const recorded = (await refusals()).length;
  expect(recorded).toBeLessThanOrEqual(10 + Math.ceil(seconds * 10) + 1);
  expect(recorded).toBeLessThan(300);
});

test('T23: a socket that is kept and not used is closed', async () => {
  const { port, get } = await start({ limits: 'idleSocketMs: 100' });
  const client = await converse(port);
  client.send(get);
  expect(await client.answersUntilClosed()).toMatchObject([{ status: 200 }]);
});

test.each([
  ['says nothing', ''],
  ['never finishes its headers', 'GET / HTTP/1.1\r\nHost: a\r\n'],
  ['says what nobody understands', 'NONSENSE\r\n\r\n'],
])('T23: a peer that %s and keeps its own half open is cut', async (_, text) => {
  const { port } = await start({ limits: 'headersTimeoutMs: 200' });
  const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const closed = new Promise((resolve) => socket.once('close', resolve));
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => {});
  socket.resume();
  socket.write(text);
  await once(socket, 'end');
  // A socket that is open on the other side takes what is written to it for ever.
  const drip = setInterval(() => socket.write('a'), 50);
  await closed;
  clearInterval(drip);
});
