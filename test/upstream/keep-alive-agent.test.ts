import { once } from 'node:events';
import http from 'node:http';
import type { LookupFunction } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createKeepAliveAgent, makeRoomFor } from '../../src/upstream/keep-alive-agent.ts';
import { listenOn } from '../support/listen-on.ts';

/** Far beyond the test's own limit: nothing here may wait for a connection to time out. */
const NEVER_MS = 300_000;

/** Every host name is this machine. */
const lookup: LookupFunction = (_, { all }, give) => {
  if (all) give(null, [{ address: '127.0.0.1', family: 4 }]);
  else give(null, '127.0.0.1', 4);
};

async function startServer(): Promise<{ port: number; connections: () => number }> {
  let connections = 0;
  const server = http.createServer((_, response) => response.end('x'));
  server.keepAliveTimeout = 0; // It never closes first.
  server.on('connection', () => {
    connections += 1;
  });
  const { port } = await listenOn(server);
  return { port, connections: () => connections };
}

function startAgent(maxSockets: number): http.Agent {
  const agent = createKeepAliveAgent('http:', { maxSockets, idleSocketMs: NEVER_MS });
  onTestFinished(() => agent.destroy());
  return agent;
}

async function get(agent: http.Agent, target: { host: string; port: number }): Promise<void> {
  makeRoomFor(target, agent);
  const [response] = await once(http.get({ ...target, agent, lookup }), 'response');
  response.resume();
  await once(response, 'close');
}

test('idle connections to other hosts keep no request waiting', async () => {
  const { port, connections } = await startServer();
  const agent = startAgent(2);
  for (const host of ['a.test', 'b.test', 'c.test', 'd.test']) {
    await get(agent, { host, port });
  }
  expect(connections()).toBe(4);
});

test('requests to many hosts at once are all served within the bound', async () => {
  const { port } = await startServer();
  const agent = startAgent(2);
  await get(agent, { host: 'a.test', port });
  await get(agent, { host: 'b.test', port });
  const hosts = Array.from({ length: 20 }, (_, index) => `host-${index}.test`);
  await Promise.all(hosts.map((host) => get(agent, { host, port })));
});

test('a host’s own idle connection is used again at the bound', async () => {
  const { port, connections } = await startServer();
  const agent = startAgent(1);
  for (let i = 0; i < 3; i += 1) await get(agent, { host: 'a.test', port });
  expect(connections()).toBe(1);
});
