import type { Deadline } from './deadline.ts';
import type { TransportFault, TransportResult } from './transport.ts';

/** What carries an exchange. */
export interface Carrier {
  /** End the exchange under way, and the connection with it. */
  fail(fault: TransportFault, cause: unknown): void;
}

/** One request on its way to its answer: it settles exactly once, at the deadline at the latest. */
export class Exchange {
  readonly host: string;
  /** The whole request, as it is written. */
  readonly bytes: Buffer;
  readonly deadline: Deadline;
  readonly result: Promise<TransportResult>;
  readonly #resolve: (result: TransportResult) => void;
  readonly #forgetDeadline: () => void;
  #carrier: Carrier | null = null;
  #isSettled = false;

  constructor(host: string, bytes: Buffer, deadline: Deadline) {
    const { promise, resolve } = Promise.withResolvers<TransportResult>();
    this.host = host;
    this.bytes = bytes;
    this.deadline = deadline;
    this.result = promise;
    this.#resolve = resolve;
    this.#forgetDeadline = deadline.onEnd(() => this.#timeOut());
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** From now on the carrier knows how it ends. */
  isCarriedBy(carrier: Carrier): void {
    this.#carrier = carrier;
  }

  #timeOut(): void {
    if (this.#carrier === null) this.settle(unsent('timeout', null));
    else this.#carrier.fail('timeout', null);
  }

  settle(result: TransportResult): void {
    this.#isSettled = true;
    this.#forgetDeadline();
    this.#resolve(result);
  }
}

/** The end of an exchange of which nothing was written. */
export function unsent(fault: TransportFault, cause: unknown): TransportResult {
  return { kind: 'fault', fault, wasSent: false, isStaleSocket: false, cause };
}
