import type { Socket } from 'node:net';
import type { buildConnector, Client } from 'undici';
import type { Deadline } from './deadline.ts';
import { type Carrier, Exchange } from './exchange.ts';
import type { TransportResult, WireRequest } from './transport.ts';
import { UndiciClient } from './undici.ts';

export interface ConnectionSettings {
  /** Scheme, host and port, as in `https://examplebucket-1250000000.pic.ap-shanghai.myqcloud.com`. */
  readonly origin: string;
  readonly open: buildConnector.connector;
  /** How long it may idle; below the upstream's own limit, so that few go stale. */
  readonly idleSocketMs: number;
  /** Called when the connection is closed, by whichever side. */
  readonly onClose: (connection: Connection) => void;
}

/**
 * One kept connection to an upstream host, for one exchange at a time: no request is ever written
 * behind another one whose answer has not come.
 *
 * INVARIANT: bytes that arrive while nothing was asked are never read as an answer to the next
 * request: undici closes a connection that speaks unasked, and looks for such bytes before it writes.
 */
export class Connection implements Carrier {
  readonly origin: string;
  readonly #client: Client;
  #socket: Socket | null = null;
  #exchanges = 0;
  #bytesReadBefore = 0;

  constructor({ origin, open, idleSocketMs, onClose }: ConnectionSettings) {
    this.origin = origin;
    this.#client = new UndiciClient(origin, {
      // Time is the exchange's: one deadline over all of it.
      headersTimeout: 0,
      bodyTimeout: 0,
      pipelining: 1,
      allowH2: false,
      keepAliveTimeout: idleSocketMs,
      keepAliveMaxTimeout: idleSocketMs,
      connect: (options, callback) =>
        open(options, (...[error, socket]) => {
          if (error !== null) return callback(error, null);
          this.#isOpenedAs(socket);
          return callback(null, socket);
        }),
    });
    this.#client.on('disconnect', () => onClose(this));
  }

  get isReused(): boolean {
    return this.#exchanges > 1;
  }

  get gotBytes(): boolean {
    return (this.#socket?.bytesRead ?? 0) > this.#bytesReadBefore;
  }

  /**
   * Settles exactly once, at the deadline at the latest, and never rejects.
   * @param deadline that is not over yet: what is written behind it would be given up at once
   */
  exchange(
    { method, target, headers, body }: WireRequest,
    deadline: Deadline,
  ): Promise<TransportResult> {
    const exchange = new Exchange(this, deadline);
    this.#exchanges += 1;
    this.#bytesReadBefore = this.#socket?.bytesRead ?? 0;
    try {
      this.#client.dispatch({ method, path: target, headers, body }, exchange);
    } catch (error) {
      exchange.fail('unreachable', error);
    }
    return exchange.result;
  }

  close(): void {
    void this.#client.destroy();
  }

  /** A connection that closed while it idled is opened anew by undici: it has carried nothing yet. */
  #isOpenedAs(socket: Socket): void {
    this.#socket = socket;
    this.#exchanges = 1;
    this.#bytesReadBefore = 0;
  }
}
