import http from 'node:http';
import net, { type LookupFunction } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { ConnectionPool } from '../../src/upstream/connection-pool.ts';
import { Deadline } from '../../src/upstream/deadline.ts';
import type { SocketOpener } from '../../src/upstream/open-socket.ts';
import { WireRequest } from '../../src/upstream/wire-request.ts';
import { listenOn } from '../support/listen-on.ts';

/** Far beyond the test's own limit: nothing here may wait for a connection to time out. */
const NEVER_MS = 300_000;

/** Every host name is this machine. */
const lookup: LookupFunction = (_, { all }, give) => {
  if (all) give(null, [{ address: '127.0.0.1', family: 4 }]);
  else give(null, '127.0.0.1', 4);
};

async function startServer(
  keepAlive = 'timeout=600',
): Promise<{ port: number; opened: () => number; open: () => number }> {
  let [opened, open] = [0, 0];
  const server = http.createServer(({ headers }, response) => {
    if (headers.host === 'silent.test') return;
    response.writeHead(200, { connection: 'keep-alive', 'keep-alive': keepAlive }).end('x');
  });
  server.keepAliveTimeout = 0; // It never closes first.
  server.on('connection', (socket) => {
    opened += 1;
    open += 1;
    socket.on('close', () => {
      open -= 1;
    });
  });
  const { port } = await listenOn(server);
  return { port, opened: () => opened, open: () => open };
}

/** As over TLS: each host has connections of its own. */
const openerTo = (port: number): SocketOpener => ({
  isForAllHosts: false,
  open: (host, onread, onReady) => net.connect({ host, port, lookup, onread }, onReady),
});

function startPool(port: number, maxSockets: number, idleSocketMs = NEVER_MS): ConnectionPool {
  const pool = new ConnectionPool({ maxSockets, idleSocketMs }, openerTo(port));
  onTestFinished(() => pool.close());
  return pool;
}

const get = (pool: ConnectionPool, host: string, withinMs = 10_000) =>
  pool.exchange(
    new WireRequest({ method: 'GET', host, target: '/', headers: { host }, body: null }),
    new Deadline(withinMs),
  );

const ANSWER = { kind: 'answer', status: 200 };

test('idle connections to other hosts keep no request waiting, and the longest idle one goes', async () => {
  const { port, opened, open } = await startServer();
  const pool = startPool(port, 2);
  for (const host of ['a.test', 'b.test', 'c.test', 'b.test', 'c.test'])
    expect(await get(pool, host)).toMatchObject(ANSWER);
  expect(opened()).toBe(3);
  await expect.poll(open).toBe(2);
});

test('requests to many hosts at once are all served within the bound', async () => {
  const { port, open } = await startServer();
  const pool = startPool(port, 2);
  const hosts = Array.from({ length: 20 }, (_, index) => `host-${index}.test`);
  for (const result of await Promise.all(hosts.map((host) => get(pool, host))))
    expect(result).toMatchObject(ANSWER);
  await expect.poll(open).toBe(2);
});

test('a host’s own idle connection is used again at the bound', async () => {
  const { port, opened } = await startServer();
  const pool = startPool(port, 1);
  for (let i = 0; i < 3; i += 1) expect(await get(pool, 'a.test')).toMatchObject(ANSWER);
  expect(opened()).toBe(1);
});

test('who waits in vain gets no connection, and takes none from those behind', async () => {
  const { port, opened } = await startServer();
  const pool = startPool(port, 1);
  const held = get(pool, 'silent.test', 300);
  const patient = get(pool, 'b.test');
  expect(await get(pool, 'a.test', 20)).toMatchObject({ fault: 'timeout', wasSent: false });
  expect(await held).toMatchObject({ fault: 'timeout', wasSent: true });
  expect(await patient).toMatchObject(ANSWER);
  expect(opened()).toBe(2);
});

test('a connection that idled too long is closed, and its place is free', async () => {
  const { port, opened, open } = await startServer();
  const pool = startPool(port, 1, 50);
  expect(await get(pool, 'a.test')).toMatchObject(ANSWER);
  await expect.poll(open).toBe(0);
  expect(await get(pool, 'a.test')).toMatchObject(ANSWER);
  expect(opened()).toBe(2);
});

test('a connection idles no longer than the upstream says it will', async () => {
  const { port, opened, open } = await startServer('timeout=2');
  const pool = startPool(port, 1);
  expect(await get(pool, 'a.test')).toMatchObject(ANSWER);
  await expect.poll(open).toBe(0);
  expect(await get(pool, 'a.test')).toMatchObject(ANSWER);
  expect(opened()).toBe(2);
});
