import type { Dispatcher } from 'undici';
import type { Deadline } from './deadline.ts';
import {
  ANSWER_HEADERS,
  type AnswerHeaders,
  type TransportFault,
  type TransportResult,
} from './transport.ts';

const MAX_ANSWER_BYTES = 64 * 1024;

type AnswerHeaderName = (typeof ANSWER_HEADERS)[number];

/** What an exchange asks of the connection that carries it. */
export interface Carrier {
  /** Whether the connection has carried an exchange before this one. */
  readonly isReused: boolean;
  /** Whether any byte has come since this exchange was written. */
  readonly gotBytes: boolean;
}

/** One request under way: it hears what undici tells of it, and settles exactly once. */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly #settled = Promise.withResolvers<TransportResult>();
  readonly #carrier: Carrier;
  readonly #forgetDeadline: () => void;
  #controller: Dispatcher.DispatchController | null = null;
  #status = 0;
  #headers: AnswerHeaders = {};
  #chunks: Buffer[] = [];
  #size = 0;

  constructor(carrier: Carrier, deadline: Deadline) {
    this.#carrier = carrier;
    this.#forgetDeadline = deadline.onEnd(() => this.#abort('timeout'));
  }

  get result(): Promise<TransportResult> {
    return this.#settled.promise;
  }

  /** The connection is established, and the request is about to be written. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
  }

  onResponseStart(
    _: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    // An interim answer says nothing; the final one follows.
    if (status < 200) return;
    this.#status = status;
    this.#headers = lookedAt(headers);
  }

  /** Collect the answer, bounded; it counts only when it is complete. */
  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#size += chunk.length;
    if (this.#size > MAX_ANSWER_BYTES) this.#abort('too-large');
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    this.#settle({
      kind: 'answer',
      status: this.#status,
      headers: this.#headers,
      body:
        this.#chunks.length === 1 && this.#chunks[0]
          ? this.#chunks[0]
          : Buffer.concat(this.#chunks),
    });
  }

  onResponseError(_: unknown, error: Error): void {
    this.fail(this.#status === 0 ? 'reset' : 'truncated', error);
  }

  fail(fault: TransportFault, cause: unknown): void {
    const wasSent = this.#controller !== null;
    const { isReused, gotBytes } = this.#carrier;
    this.#settle({
      kind: 'fault',
      fault: fault === 'reset' && !wasSent ? 'unreachable' : fault,
      wasSent,
      isStaleSocket: fault === 'reset' && wasSent && isReused && !gotBytes,
      cause,
    });
  }

  #abort(fault: TransportFault): void {
    this.fail(fault, null);
    this.#controller?.abort(new Error(fault));
  }

  #settle(result: TransportResult): void {
    this.#forgetDeadline();
    this.#settled.resolve(result);
  }
}

/** A header that stands twice says nothing certain, and is dropped like those nobody looks at. */
function lookedAt(headers: Readonly<Record<string, string | string[] | undefined>>): AnswerHeaders {
  const looked: Partial<Record<AnswerHeaderName, string>> = {};
  for (const name of ANSWER_HEADERS) {
    const value = headers[name];
    if (typeof value === 'string') looked[name] = value;
  }
  return looked;
}
