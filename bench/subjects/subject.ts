import { once } from 'node:events';
import type http from 'node:http';
import type { AddressInfo } from 'node:net';

/** What is measured, in service on 127.0.0.1. */
export interface RunningSubject {
  readonly port: number;
  close(): Promise<void>;
}

/** @param upstreamPort of the upstream on 127.0.0.1 */
export type StartSubject = (upstreamPort: number) => Promise<RunningSubject>;

/** Put a server into service on any free port. */
export async function serveOnFreePort(server: http.Server): Promise<RunningSubject> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port, // It listens on TCP.
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
