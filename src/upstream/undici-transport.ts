import type { LookupFunction } from 'node:net';
import { ConnectionPool, type PoolSettings } from './connection-pool.ts';
import type { Transport, TransportResult } from './transport.ts';
import { buildUndiciConnector } from './undici.ts';

/** Where connections go. */
export interface ConnectTarget {
  readonly protocol: 'http:' | 'https:';
  readonly host: string;
  readonly port: number;
}

export interface TransportSettings extends PoolSettings {
  /** One fixed place instead of https to the request's own host: for the local Cloud Infinite. */
  readonly connect: ConnectTarget | null;
  /** How names become addresses; left out: as the system does it. */
  readonly lookup?: LookupFunction | undefined;
}

/** Exchange signed requests over kept connections, one at a time on each. */
export function createTransport(settings: TransportSettings): Transport {
  const { connect, lookup } = settings;
  const connector = buildUndiciConnector({ allowH2: false, ...(lookup && { lookup }) });
  const pool = new ConnectionPool(settings, connector);
  const fixedOrigin = connect && `${connect.protocol}//${urlHost(connect.host)}:${connect.port}`;

  return {
    async exchange(request, deadline) {
      const taken = pool.take(fixedOrigin ?? `https://${request.host}`, deadline);
      const connection = taken instanceof Promise ? await taken : taken;
      if (connection === null) return NOT_IN_TIME;
      if (deadline.isOver) {
        pool.release(connection, true);
        return NOT_IN_TIME;
      }
      const result = await connection.exchange(request, deadline);
      if (result.kind === 'fault' && result.isStaleSocket) pool.closeIdle();
      pool.release(connection, result.kind === 'answer');
      return result;
    },
    close: () => pool.close(),
  };
}

/** All connections were taken until the deadline, or it was over before. */
const NOT_IN_TIME: TransportResult = {
  kind: 'fault',
  fault: 'timeout',
  wasSent: false,
  isStaleSocket: false,
  cause: null,
};

/** Source: RFC 3986, section 3.2.2: an IPv6 address stands in brackets. */
function urlHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
