import type { AddressInfo } from 'node:net';
import fastifyHttpProxy from '@fastify/http-proxy';
import Fastify from 'fastify';
import type { RunningSubject } from './subject.ts';

/** Fastify with its own proxy and no logic; its defaults, without a log. */
export async function startFastifyHttpProxy(upstreamPort: number): Promise<RunningSubject> {
  const app = Fastify();
  await app.register(fastifyHttpProxy, { upstream: `http://127.0.0.1:${upstreamPort}` });
  await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    port: (app.server.address() as AddressInfo).port, // It listens on TCP.
    close: async () => {
      app.server.closeAllConnections();
      await app.close();
    },
  };
}
