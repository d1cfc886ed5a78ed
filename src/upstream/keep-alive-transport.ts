import type { LookupFunction } from 'node:net';
import { ConnectionPool, type PoolSettings } from './connection-pool.ts';
import { type ConnectTarget, createSocketOpener } from './open-socket.ts';
import type { Transport } from './transport.ts';

export interface TransportSettings extends PoolSettings {
  /** One fixed place instead of https to the request's own host: for the local Cloud Infinite. */
  readonly connect: ConnectTarget | null;
  /** How names become addresses; left out: as the system does it. */
  readonly lookup?: LookupFunction | undefined;
}

/** Exchange signed requests over kept connections, one at a time on each. */
export function createTransport(settings: TransportSettings): Transport {
  return new ConnectionPool(settings, createSocketOpener(settings.connect, settings.lookup));
}
