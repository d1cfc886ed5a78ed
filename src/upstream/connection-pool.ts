import type { buildConnector } from 'undici';
import { Connection } from './connection.ts';
import type { Deadline } from './deadline.ts';

export interface PoolSettings {
  /** Connections in all; exchanges beyond wait for one. */
  readonly maxSockets: number;
  /** How long a connection may idle; below the upstream's own limit, so that few go stale. */
  readonly idleSocketMs: number;
}

interface Waiting {
  readonly origin: string;
  readonly take: (connection: Connection) => void;
}

/**
 * Connections to upstream hosts, kept open between exchanges and bounded in all. The one that was
 * used last is used next, so that what is not needed comes to its idle limit.
 */
export class ConnectionPool {
  readonly #settings: PoolSettings;
  readonly #open: buildConnector.connector;
  readonly #connections = new Set<Connection>();
  /** The longest idle one comes first. */
  readonly #idle = new Set<Connection>();
  readonly #idleByOrigin = new Map<string, Connection[]>();
  readonly #waiting = new Set<Waiting>();

  constructor(settings: PoolSettings, open: buildConnector.connector) {
    this.#settings = settings;
    this.#open = open;
  }

  /**
   * A connection to the origin, for one exchange; hand it back with `release`.
   * @returns null when none became free in time
   */
  take(origin: string, deadline: Deadline): Connection | Promise<Connection | null> {
    return this.#takeNow(origin) ?? this.#takeLater(origin, deadline);
  }

  /** @param isFit whether the exchange ended well: only then the connection is kept */
  release(connection: Connection, isFit: boolean): void {
    if (isFit && this.#connections.has(connection)) this.#keep(connection);
    else this.#drop(connection);
    this.#serveWaiting();
  }

  /** Close every idle connection: where one was found dead, the others are as old. */
  closeIdle(): void {
    for (const connection of this.#idle) this.#drop(connection);
  }

  close(): void {
    for (const connection of this.#connections) this.#drop(connection);
  }

  #takeNow(origin: string): Connection | null {
    const kept = this.#idleByOrigin.get(origin)?.pop();
    if (kept !== undefined) {
      this.#idle.delete(kept);
      return kept;
    }
    if (this.#connections.size >= this.#settings.maxSockets && !this.#dropLongestIdle())
      return null;
    const connection = new Connection({
      origin,
      open: this.#open,
      idleSocketMs: this.#settings.idleSocketMs,
      onClose: (closed) => this.#forget(closed),
    });
    this.#connections.add(connection);
    return connection;
  }

  #takeLater(origin: string, deadline: Deadline): Promise<Connection | null> {
    return new Promise((resolve) => {
      const waiting = {
        origin,
        take: (connection: Connection) => {
          forgetDeadline();
          resolve(connection);
        },
      };
      this.#waiting.add(waiting);
      const forgetDeadline = deadline.onEnd(() => {
        this.#waiting.delete(waiting);
        resolve(null);
      });
    });
  }

  /** In the order they came, whatever host they wait for. */
  #serveWaiting(): void {
    for (const waiting of this.#waiting) {
      const connection = this.#takeNow(waiting.origin);
      if (connection === null) return;
      this.#waiting.delete(waiting);
      waiting.take(connection);
    }
  }

  #keep(connection: Connection): void {
    this.#idle.add(connection);
    const kept = this.#idleByOrigin.get(connection.origin);
    if (kept === undefined) this.#idleByOrigin.set(connection.origin, [connection]);
    else kept.push(connection);
  }

  #dropLongestIdle(): boolean {
    const [longestIdle] = this.#idle;
    if (longestIdle === undefined) return false;
    this.#drop(longestIdle);
    return true;
  }

  #drop(connection: Connection): void {
    this.#forget(connection);
    connection.close();
  }

  #forget(connection: Connection): void {
    this.#connections.delete(connection);
    if (!this.#idle.delete(connection)) return;
    const kept = this.#idleByOrigin.get(connection.origin) ?? [];
    const others = kept.filter((other) => other !== connection);
    if (others.length > 0) this.#idleByOrigin.set(connection.origin, others);
    else this.#idleByOrigin.delete(connection.origin);
  }
}
