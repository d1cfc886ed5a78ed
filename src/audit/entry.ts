import type { GatewayError } from '../errors.ts';
import type { JournalPosition, RecordText, UnsealedRecord } from './chain.ts';
import { createIsoText } from './iso-text.ts';
import type { RecordBody } from './record.ts';
import { recordText } from './record-text.ts';
import { CHECKPOINT_REQUEST } from './sealing.ts';

/** Who waits for a record to be durable. */
export interface Waiter {
  readonly resolve: (position: JournalPosition) => void;
  readonly reject: (error: GatewayError) => void;
}

/** A record on its way; a note has no waiter. */
export interface Entry extends UnsealedRecord {
  readonly waiter: Waiter | null;
  /**
   * Whether it is still true when its waiter has been refused: an intent is not, the closing of a
   * request that went upstream is.
   */
  readonly isLasting: boolean;
}

/** Makes entries of records, each with the time at which it was taken in. */
export class EntryMaker {
  readonly #now: () => Date;
  readonly #isoText = createIsoText();

  constructor(now: () => Date) {
    this.#now = now;
  }

  of({ kind, requestId, members }: RecordText, waiter: Waiter | null = null): Entry {
    const isLasting = kind !== 'intent' && kind !== CHECKPOINT_REQUEST;
    return { kind, requestId, members, at: this.#isoText(this.#now()), waiter, isLasting };
  }

  /** Of a record of the journal's own. */
  own(body: RecordBody): Entry {
    return this.of(recordText(body));
  }

  checkpointRequest(waiter: Waiter | null): Entry {
    return this.of(recordText({ kind: CHECKPOINT_REQUEST }), waiter);
  }
}
