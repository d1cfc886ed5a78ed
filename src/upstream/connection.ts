import type { Socket } from 'node:net';
import { AnswerReader } from './answer-reader.ts';
import type { Carrier, Exchange } from './exchange.ts';
import type { SocketOpener } from './open-socket.ts';
import type { TransportFault } from './transport.ts';

/** Whom a connection belongs to. */
export interface ConnectionOwner {
  /** An exchange has ended well, and another one may follow. */
  onFree(connection: Connection): void;
  /** @param wasStale whether the upstream had closed it before a request was written */
  onClosed(connection: Connection, wasStale: boolean): void;
}

export interface ConnectionSettings {
  readonly host: string;
  readonly opener: SocketOpener;
  /** How long it may idle; below the upstream's own limit, so that few go stale. */
  readonly idleSocketMs: number;
  readonly owner: ConnectionOwner;
}

/** Of one read; most answers are smaller. */
const READ_BYTES = 8 * 1024;

/**
 * One kept connection to an upstream host, for one exchange at a time: no request is ever written
 * behind another one whose answer has not come.
 *
 * INVARIANT: bytes that arrive while nothing was asked are never read as an answer to the next
 * request: there is no reader for them, and the connection is closed.
 */
export class Connection implements Carrier {
  readonly host: string;
  readonly #settings: ConnectionSettings;
  readonly #socket: Socket;
  readonly #received = Buffer.alloc(READ_BYTES);
  #idleMs: number;
  #isOpen = false;
  #isClosed = false;
  #hasServed = false;
  #exchange: Exchange | null = null;
  /** Of the answer to what was written; null while nothing is asked. */
  #reader: AnswerReader | null = null;

  constructor(settings: ConnectionSettings) {
    this.host = settings.host;
    this.#settings = settings;
    this.#idleMs = settings.idleSocketMs;
    const callback = (count: number) => this.#onBytes(this.#received.subarray(0, count));
    const onread = { buffer: this.#received, callback };
    this.#socket = settings.opener.open(this.host, onread, () => this.#onOpen());
    // Reading and writing begin it anew: no exchange has a timer for it.
    this.#socket.setTimeout(this.#idleMs, () => this.#onQuiet());
    this.#socket.on('end', () => this.#onEnd());
    this.#socket.on('error', (error) => this.fail('reset', error));
    this.#socket.on('close', () => this.close());
  }

  /** @param exchange the only one on this connection until it has ended */
  carry(exchange: Exchange): void {
    this.#exchange = exchange;
    exchange.isCarriedBy(this);
    if (this.#isOpen) this.#write(exchange);
  }

  close(): void {
    if (!this.#isClosed) this.fail('reset', new ConnectionLostError());
  }

  fail(fault: TransportFault, cause: unknown): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const [exchange, reader] = [this.#exchange, this.#reader];
    const isStaleSocket =
      fault === 'reset' && reader !== null && this.#hasServed && !reader.hasBegun;
    this.#socket.destroy();
    this.#settings.owner.onClosed(this, isStaleSocket);
    exchange?.settle({
      kind: 'fault',
      fault: fault === 'reset' ? lossOf(reader) : fault,
      wasSent: reader !== null,
      isStaleSocket,
      cause,
    });
  }

  #onOpen(): void {
    this.#isOpen = true;
    if (this.#exchange !== null) this.#write(this.#exchange);
  }

  #write(exchange: Exchange): void {
    if (exchange.deadline.isOver) {
      this.fail('timeout', null);
    } else {
      this.#reader = new AnswerReader();
      this.#socket.write(exchange.bytes);
    }
  }

  /** @returns true: with false nothing more would be read */
  #onBytes(bytes: Buffer): true {
    const progress = this.#reader?.read(bytes) ?? 'broken';
    if (progress === 'whole') this.#answer();
    else if (progress === 'too-large') this.fail('too-large', null);
    else if (progress === 'broken') this.fail('reset', new BrokenAnswerError());
    return true;
  }

  #onEnd(): void {
    if (this.#reader?.end() === 'whole') this.#answer();
    else this.close();
  }

  #onQuiet(): void {
    if (this.#exchange === null) this.close();
  }

  #answer(): void {
    const [exchange, reader] = [this.#exchange, this.#reader];
    if (exchange === null || !reader?.head) return;
    const { status, headers, keepMs } = reader.head;
    [this.#exchange, this.#reader] = [null, null];
    this.#hasServed = true;
    // Bytes behind the answer were not asked for; an answer to half a request is to none.
    if (reader.hasMore || this.#socket.writableLength > 0 || keepMs === 0) this.close();
    else this.#idle(keepMs);
    exchange.settle({ kind: 'answer', status, headers, body: reader.body });
  }

  #idle(keepMs: number): void {
    const idleMs = Math.min(keepMs, this.#settings.idleSocketMs);
    if (idleMs !== this.#idleMs) this.#socket.setTimeout(idleMs);
    this.#idleMs = idleMs;
    this.#settings.owner.onFree(this);
  }
}

/** What the loss of a connection is, by how far the answer had come. */
function lossOf(reader: AnswerReader | null): TransportFault {
  if (reader === null) return 'unreachable';
  return reader.head === null ? 'reset' : 'truncated';
}

class ConnectionLostError extends Error {
  readonly code = 'ERR_CONNECTION_LOST';

  constructor() {
    super('the connection was closed');
  }
}

class BrokenAnswerError extends Error {
  readonly code = 'ERR_BROKEN_ANSWER';

  constructor() {
    super('what came is no answer of HTTP/1.1, or one that nobody asked for');
  }
}
