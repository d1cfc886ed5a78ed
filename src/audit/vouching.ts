import type { JournalPosition } from './chain.ts';
import { type Checkpoint, checkpointOf, checkpointProblem } from './checkpoint.ts';
import type { AuditRecord } from './record-shape.ts';
import type { PublicKeys } from './signing-key.ts';
import type { WalkedRecord } from './walked-line.ts';

type RecordOf<Kind extends AuditRecord['kind']> = Extract<AuditRecord, { kind: Kind }>;

/** What the checkpoints of a journal have vouched for up to some record. */
export interface Vouched {
  /** The journal's id; null where none has been stated yet. */
  readonly journal: string | null;
  /** The last checkpoint whose signature holds. */
  readonly checkpoint: Checkpoint | null;
  readonly checkpoints: number;
  /** Records behind it. */
  readonly unsigned: number;
}

export const NOTHING_VOUCHED: Vouched = {
  journal: null,
  checkpoint: null,
  checkpoints: 0,
  unsigned: 0,
};

/** A journal is made with its first records and a checkpoint at once; old ones had no id. */
const FIRST_CHECKPOINT_WITHIN = 2;

/** Follows the journal's id and its checkpoints. */
export class Vouching {
  readonly #keys: PublicKeys | undefined;
  #vouched: Vouched;

  /** @param keys without them signatures are not verified */
  constructor(keys: PublicKeys | undefined, start: Vouched = NOTHING_VOUCHED) {
    this.#keys = keys;
    this.#vouched = start;
  }

  get vouched(): Vouched {
    return this.#vouched;
  }

  /** Tells what is wrong with the next record, which continues `head`; null when nothing is. */
  follow(record: WalkedRecord, head: JournalPosition): string | null {
    const { journal, checkpoint, unsigned } = this.#vouched;
    if (record.kind === 'checkpoint') return this.#take(record, head);
    if (unsigned >= this.#within()) {
      return `no checkpoint where one was due: nobody vouches for what follows record ${checkpoint?.seq ?? 0}`;
    }
    if (record.kind === 'segment-opened') {
      if (journal !== null && record.journal !== journal) return 'of another journal';
      this.#vouched = { ...this.#vouched, journal: record.journal };
    }
    this.#vouched = { ...this.#vouched, unsigned: unsigned + 1 };
    return null;
  }

  /** Whether a checkpoint was signed for this place in the chain with another record there. */
  disowns(record: WalkedRecord, head: JournalPosition): boolean {
    if (record.kind !== 'checkpoint' || this.#keys === undefined) return false;
    const { journal } = this.#vouched;
    const isOfPlace = record.head.seq === head.seq && record.journal === journal;
    const isSigned = checkpointProblem(checkpointOf(record), this.#keys) === null;
    return isOfPlace && record.head.hash !== head.hash && isSigned;
  }

  /** How many records there may be without a checkpoint. */
  #within(): number {
    const { journal, checkpoint } = this.#vouched;
    if (checkpoint !== null) return checkpoint.within;
    return journal === null ? Number.POSITIVE_INFINITY : FIRST_CHECKPOINT_WITHIN;
  }

  #take(record: RecordOf<'checkpoint'>, head: JournalPosition): string | null {
    const { journal, checkpoints } = this.#vouched;
    if (journal !== null && record.journal !== journal) return 'of another journal';
    if (record.head.seq !== head.seq || record.head.hash !== head.hash) {
      return 'a checkpoint of other records';
    }
    const checkpoint = checkpointOf(record);
    const problem = this.#keys ? checkpointProblem(checkpoint, this.#keys) : null;
    if (problem !== null) return problem;
    this.#vouched = {
      journal: record.journal,
      checkpoint,
      checkpoints: checkpoints + 1,
      unsigned: 0,
    };
    return null;
  }
}
