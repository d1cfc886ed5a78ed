import http from 'node:http';
import type { LookupFunction } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { ConnectionPool } from '../../src/upstream/connection-pool.ts';
import { Deadline } from '../../src/upstream/deadline.ts';
import { buildUndiciConnector } from '../../src/upstream/undici.ts';
import { listenOn } from '../support/listen-on.ts';

/** Far beyond the test's own limit: nothing here may wait for a connection to time out. */
const NEVER_MS = 300_000;

/** Every host name is this machine. */
const lookup: LookupFunction = (_, { all }, give) => {
  if (all) give(null, [{ address: '127.0.0.1', family: 4 }]);
  else give(null, '127.0.0.1', 4);
};

async function startServer(): Promise<{ port: number; opened: () => number; open: () => number }> {
  let [opened, open] = [0, 0];
  const server = http.createServer((_, response) => response.end('x'));
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

function startPool(maxSockets: number, idleSocketMs = NEVER_MS): ConnectionPool {
  const open = buildUndiciConnector({ allowH2: false, lookup });
  const pool = new ConnectionPool({ maxSockets, idleSocketMs }, open);
  onTestFinished(() => pool.close());
  return pool;
}

async function get(pool: ConnectionPool, host: string, port: number): Promise<void> {
  const connection = await pool.take(`http://${host}:${port}`, new Deadline(10_000));
  if (connection === null) throw new Error('no connection came free');
  const wire = { method: 'GET', host, target: '/', headers: { host }, body: null };
  const result = await connection.exchange(wire, new Deadline(10_000));
  pool.release(connection, result.kind === 'answer');
  expect(result).toMatchObject({ kind: 'answer', status: 200 });
}

test('idle connections to other hosts keep no request waiting, and the longest idle one goes', async () => {
  const { port, opened, open } = await startServer();
  const pool = startPool(2);
  for (const host of ['a.test', 'b.test', 'c.test', 'b.test', 'c.test'])
    await get(pool, host, port);
  expect(opened()).toBe(3);
  await expect.poll(open).toBe(2);
});

test('requests to many hosts at once are all served within the bound', async () => {
  const { port, open } = await startServer();
  const pool = startPool(2);
  const hosts = Array.from({ length: 20 }, (_, index) => `host-${index}.test`);
  await Promise.all(hosts.map((host) => get(pool, host, port)));
  await expect.poll(open).toBe(2);
});

test('a host’s own idle connection is used again at the bound', async () => {
  const { port, opened } = await startServer();
  const pool = startPool(1);
  for (let i = 0; i < 3; i += 1) await get(pool, 'a.test', port);
  expect(opened()).toBe(1);
});

test('who waits in vain gets no connection, and takes none from those behind', async () => {
  const { port } = await startServer();
  const pool = startPool(1);
  const held = await pool.take(`http://a.test:${port}`, new Deadline(10_000));
  expect(await pool.take(`http://a.test:${port}`, new Deadline(20))).toBeNull();
  const patient = get(pool, 'b.test', port);
  if (held !== null) pool.release(held, false);
  await patient;
});

test('a connection that idled too long is closed, and its place is free', async () => {
  const { port, opened, open } = await startServer();
  const pool = startPool(1, 50);
  await get(pool, 'a.test', port);
  await expect.poll(open).toBe(0);
  await get(pool, 'a.test', port);
  expect(opened()).toBe(2);
});
