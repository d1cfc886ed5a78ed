import { once } from 'node:events';
import type http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { GatewaySetting } from '../gateway-setting.ts';

/** What is measured, in service on 127.0.0.1. */
export interface RunningSubject {
  readonly port: number;
  /** How long it took to get ready, where that is asked for. */
  readonly readyMs?: number;
  /** User and system time in µs, of a subject that is another process than ours. */
  readonly cpuUs?: () => number;
  /** Resolves when it has done what it does behind its answers. */
  readonly settled?: () => Promise<void>;
  close(): Promise<void>;
}

/**
 * @param upstreamPort of the upstream on 127.0.0.1
 * @param setting what matters to Slimgate alone
 */
export type StartSubject = (
  upstreamPort: number,
  setting: GatewaySetting,
) => Promise<RunningSubject>;

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
