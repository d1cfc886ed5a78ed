import { Connection, type ConnectionOwner } from './connection.ts';
import type { Deadline } from './deadline.ts';
import { Exchange, unsent } from './exchange.ts';
import type { SocketOpener } from './open-socket.ts';
import type { Transport, TransportResult } from './transport.ts';
import type { WireRequest } from './wire-request.ts';

export interface PoolSettings {
  /** Connections in all; exchanges beyond wait for one. */
  readonly maxSockets: number;
  /** How long a connection may idle; below the upstream's own limit, so that few go stale. */
  readonly idleSocketMs: number;
}

/**
 * Connections to upstream hosts, kept open between exchanges and bounded in all. The one that was
 * used last is used next, so that what is not needed comes to its idle limit.
 *
 * INVARIANT: an exchange begins behind the next look at all sockets. What had come on a kept
 * connection by then, its end or bytes that nobody asked for, has closed it.
 */
export class ConnectionPool implements Transport, ConnectionOwner {
  readonly #settings: PoolSettings;
  readonly #opener: SocketOpener;
  readonly #connections = new Set<Connection>();
  /** The longest idle one comes first. */
  readonly #idle: Connection[] = [];
  /** In the order they came, whatever host they are for. */
  readonly #waiting: Exchange[] = [];
  #isBeginSoon = false;

  constructor(settings: PoolSettings, opener: SocketOpener) {
    this.#settings = settings;
    this.#opener = opener;
  }

  exchange(request: WireRequest, deadline: Deadline): Promise<TransportResult> {
    if (deadline.isOver) return Promise.resolve(unsent('timeout', null));
    let bytes: Buffer;
    try {
      bytes = request.bytes;
    } catch (error) {
      return Promise.resolve(unsent('unreachable', error));
    }
    const exchange = new Exchange(request.host, bytes, deadline);
    this.#waiting.push(exchange);
    this.#beginSoon();
    return exchange.result;
  }

  close(): void {
    for (const connection of this.#connections) connection.close();
  }

  onFree(connection: Connection): void {
    this.#idle.push(connection);
    this.#beginSoon();
  }

  onClosed(connection: Connection, wasStale: boolean): void {
    this.#connections.delete(connection);
    const at = this.#idle.indexOf(connection);
    if (at !== -1) this.#idle.splice(at, 1);
    // Where one was found dead, the others are as old.
    if (wasStale) for (const other of [...this.#idle]) other.close();
    this.#beginSoon();
  }

  #beginSoon(): void {
    if (this.#isBeginSoon || this.#waiting.length === 0) return;
    this.#isBeginSoon = true;
    setImmediate(this.#beginWaiting);
  }

  readonly #beginWaiting = (): void => {
    this.#isBeginSoon = false;
    const begun = this.#waiting.findIndex((exchange) => !this.#begin(exchange));
    this.#waiting.splice(0, begun === -1 ? this.#waiting.length : begun);
  };

  /** @returns whether it waits no longer */
  #begin(exchange: Exchange): boolean {
    if (exchange.isSettled) return true;
    const host = this.#opener.isForAllHosts ? ALL_HOSTS : exchange.host;
    const connection = this.#takeIdle(host) ?? this.#openTo(host);
    connection?.carry(exchange);
    return connection !== null;
  }

  #takeIdle(host: string): Connection | null {
    const at = this.#idle.findLastIndex((connection) => connection.host === host);
    return this.#idle.splice(at, at === -1 ? 0 : 1)[0] ?? null;
  }

  /** @returns null when all are in use */
  #openTo(host: string): Connection | null {
    const [longestIdle] = this.#idle;
    const { maxSockets, idleSocketMs } = this.#settings;
    if (this.#connections.size >= maxSockets) longestIdle?.close();
    if (this.#connections.size >= maxSockets) return null;
    const connection = new Connection({ host, opener: this.#opener, idleSocketMs, owner: this });
    this.#connections.add(connection);
    return connection;
  }
}

const ALL_HOSTS = '';
