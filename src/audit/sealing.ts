import { type JournalPosition, seal, type UnsealedRecord } from './chain.ts';
import { type Checkpoint, checkpointBody, signCheckpoint } from './checkpoint.ts';
import { unsealedRecord } from './record-text.ts';
import type { SigningKey } from './signing-key.ts';

/** Where a chain stands: all that decides how its next records are sealed. */
export interface ChainState {
  /** The journal's id. */
  readonly journal: string;
  readonly head: JournalPosition;
  /** Records behind the last checkpoint. */
  readonly unsigned: number;
  /** How many there may be before the next one: it was promised by the last checkpoint. */
  readonly within: number;
}

/** What seals and signs, the same for all records. */
export interface SealingOptions {
  readonly key: SigningKey;
  readonly now: () => Date;
  /** What a new checkpoint promises: at most so many records before the next one. */
  readonly checkpointRecords: number;
}

/** Asks for a checkpoint where it stands among records; without anything new it leaves no trace. */
export const CHECKPOINT_REQUEST = 'checkpoint';

/**
 * Records that get their places together, with checkpoints where they are due. Nothing of it
 * counts before its bytes are durable; then its state is the chain's.
 */
export class Sealing {
  readonly checkpoints: Checkpoint[] = [];
  readonly #options: SealingOptions;
  readonly #lines: Buffer[] = [];
  #size = 0;
  #state: ChainState;

  constructor(state: ChainState, options: SealingOptions) {
    this.#state = state;
    this.#options = options;
  }

  get state(): ChainState {
    return this.#state;
  }

  /** Of the bytes. */
  get size(): number {
    return this.#size;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#lines);
  }

  /** Seal a record and tell its place; a checkpoint that is due comes before it. */
  add(record: UnsealedRecord): JournalPosition {
    if (record.kind === CHECKPOINT_REQUEST) return this.checkpoint();
    if (this.#state.unsigned >= this.#state.within) this.checkpoint();
    const { unsigned } = this.#state;
    return this.#append(record, { unsigned: unsigned + 1 });
  }

  /** Sign the head, unless a checkpoint is the head. */
  checkpoint(): JournalPosition {
    const { key, now, checkpointRecords } = this.#options;
    const { journal, head, unsigned } = this.#state;
    if (unsigned === 0) return head;
    const at = now();
    const facts = { journal, ...head, at: at.toISOString(), within: checkpointRecords };
    const checkpoint = signCheckpoint(facts, key);
    this.checkpoints.push(checkpoint);
    const record = unsealedRecord(checkpointBody(checkpoint), at);
    return this.#append(record, { unsigned: 0, within: checkpointRecords });
  }

  #append(record: UnsealedRecord, change: Partial<ChainState>): JournalPosition {
    const { bytes, position } = seal(record, this.#state.head);
    this.#lines.push(bytes);
    this.#size += bytes.length;
    this.#state = { ...this.#state, ...change, head: position };
    return position;
  }
}
