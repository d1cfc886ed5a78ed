import { type JournalPosition, placeBehind, placeText, type UnsealedRecord } from './chain.ts';
import { type Checkpoint, checkpointBody, signCheckpoint } from './checkpoint.ts';
import { LineBuffer } from './line-buffer.ts';
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
  readonly #lines: LineBuffer;
  readonly #journal: string;
  #head: JournalPosition;
  #unsigned: number;
  #within: number;

  /** @param lines where they are put: emptied first */
  constructor(state: ChainState, options: SealingOptions, lines = new LineBuffer()) {
    this.#journal = state.journal;
    this.#head = state.head;
    this.#unsigned = state.unsigned;
    this.#within = state.within;
    this.#options = options;
    this.#lines = lines;
    lines.clear();
  }

  get state(): ChainState {
    const [journal, head, unsigned, within] = [
      this.#journal,
      this.#head,
      this.#unsigned,
      this.#within,
    ];
    return { journal, head, unsigned, within };
  }

  /** Of the bytes. */
  get size(): number {
    return this.#lines.size;
  }

  get bytes(): Buffer {
    return this.#lines.bytes;
  }

  /** Seal a record and tell its place; a checkpoint that is due comes before it. */
  add(record: UnsealedRecord): JournalPosition {
    if (record.kind === CHECKPOINT_REQUEST) return this.checkpoint();
    if (this.#unsigned >= this.#within) this.checkpoint();
    this.#unsigned += 1;
    return this.#append(record);
  }

  /** Sign the head, unless a checkpoint is the head. */
  checkpoint(): JournalPosition {
    if (this.#unsigned === 0) return this.#head;
    const { key, now, checkpointRecords: within } = this.#options;
    const at = now();
    const facts = { journal: this.#journal, ...this.#head, at: at.toISOString(), within };
    const checkpoint = signCheckpoint(facts, key);
    this.checkpoints.push(checkpoint);
    this.#unsigned = 0;
    this.#within = within;
    return this.#append(unsealedRecord(checkpointBody(checkpoint), at));
  }

  #append({ at, members }: UnsealedRecord): JournalPosition {
    const line = this.#lines.add(placeText(this.#head, at), members);
    this.#head = placeBehind(this.#head, line);
    return this.#head;
  }
}
