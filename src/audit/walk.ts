import { encode, GENESIS, type JournalPosition, linkProblem, MAX_LINE_BYTES } from './chain.ts';
import type { Line } from './lines.ts';
import type { OpenIntent } from './open-intents.ts';
import { createPairing, type PairedRecord, type Pairing } from './pairing.ts';
import { segmentName } from './segment.ts';
import type { PublicKeys } from './signing-key.ts';
import { NOTHING_VOUCHED, type Vouched, Vouching } from './vouching.ts';
import { type Link, NOT_A_RECORD, type WalkedRecord, walkedLine } from './walked-line.ts';

/** The first place that is not as the journal wrote it. */
export interface BadPlace {
  readonly segment: string;
  /** Counted from 1; 0 when the segment itself is the problem. */
  readonly line: number;
  /** Of the record that belongs there. */
  readonly seq: number;
  readonly problem: string;
}

/** A place in the chain that is known from elsewhere; of a receipt, also whose closing stands there. */
export interface KnownPlace extends JournalPosition {
  readonly requestId?: string;
}

/** Where a walk begins, when the records before are taken as verified. */
export interface WalkStart {
  readonly head: JournalPosition;
  readonly vouched: Vouched;
  readonly openIntents: readonly OpenIntent[];
}

export interface WalkOptions {
  readonly keys?: PublicKeys | undefined;
  readonly known?: readonly KnownPlace[];
  readonly start?: WalkStart;
}

export const ENDS_EARLY = 'the journal ends before its known head';

type Place = Omit<BadPlace, 'problem'>;

/** A record that does not continue the one before: its successor tells which of the two is bad. */
interface Suspect {
  readonly earlier: Place | null;
  readonly place: Place;
  readonly position: JournalPosition;
}

const START: WalkStart = { head: GENESIS, vouched: NOTHING_VOUCHED, openIntents: [] };

/** Goes through a journal line by line, and names the first place that is bad. */
export class JournalWalk {
  readonly #known: ReadonlyMap<number, KnownPlace[]>;
  readonly #pairing: Pairing;
  readonly #vouching: Vouching;
  #segment = segmentName(1);
  #number = 1;
  #head: JournalPosition;
  /** Where the head stands; null before the first record. */
  #headPlace: Place | null = null;
  #suspect: Suspect | null = null;
  #unfinished: { readonly place: Place; readonly bytes: number } | null = null;

  constructor({ keys, known = [], start = START }: WalkOptions) {
    this.#known = Map.groupBy(known, ({ seq }) => seq);
    this.#pairing = createPairing(start.openIntents);
    this.#vouching = new Vouching(keys, start.vouched);
    this.#head = start.head;
  }

  get head(): JournalPosition {
    return this.#head;
  }

  get vouched(): Vouched {
    return this.#vouching.vouched;
  }

  /** Bytes of a last line without its end: it is being written, or a crash has left it. */
  get unfinishedBytes(): number {
    return this.#unfinished?.bytes ?? 0;
  }

  openIntents(): OpenIntent[] {
    return this.#pairing.openIntents();
  }

  /** The lines that follow are those of this segment. */
  enter(number: number): void {
    this.#number = number;
    this.#segment = segmentName(number);
  }

  /** A place in the segment that was entered; line 0 is the segment itself. */
  placeOf(line: number): Place {
    return { segment: this.#segment, line, seq: this.#head.seq + 1 };
  }

  take({ number, start, end, bytes }: Line): BadPlace | null {
    if (this.#unfinished !== null) return { ...this.#unfinished.place, problem: 'not a record' };
    const place = this.placeOf(number);
    if (bytes === null && end - start <= MAX_LINE_BYTES) {
      this.#unfinished = { place, bytes: end - start };
      return null;
    }
    const read = bytes === null ? NOT_A_RECORD : walkedLine(bytes, this.#head);
    const { link } = read;
    if (this.#suspect !== null) {
      return blame(this.#suspect, link?.previous === this.#suspect.position.hash);
    }
    const broken = link && linkProblem(link, this.#head);
    if (broken === 'not the next sequence number') return { ...place, problem: broken };
    if (read.record === null) return { ...place, problem: read.problem };
    if (broken !== null) return this.#suspected(read.record, read.link, place);
    const problem = this.#follow(read.record, number);
    return problem === null ? this.#advance(read.record, read.link, place) : { ...place, problem };
  }

  /** What can be said of the end of a journal whose lines were good, or good but for the last. */
  end(): BadPlace | null {
    if (this.#suspect !== null) {
      const { seq, hash } = this.#suspect.position;
      const known = this.#known.get(seq) ?? [];
      return blame(
        this.#suspect,
        known.every((place) => place.hash === hash),
      );
    }
    const isCut = [...this.#known.keys()].some((seq) => seq > this.#head.seq);
    if (!isCut) return null;
    const { line } = this.#headPlace ?? { line: 0 };
    return { ...this.placeOf(line + 1), problem: ENDS_EARLY };
  }

  #suspected(record: WalkedRecord, { position }: Link, place: Place): BadPlace | null {
    const { checkpoint, unsigned } = this.vouched;
    // All that stands in a checkpoint is signed: then what follows is to blame.
    const isHeadSigned = checkpoint !== null && unsigned === 0;
    const suspect = { earlier: isHeadSigned ? null : this.#headPlace, place, position };
    // A checkpoint knows by its signature which record it continues; others need their successor.
    if (record.kind === 'checkpoint') {
      return blame(suspect, this.#vouching.disowns(record, this.#head));
    }
    this.#suspect = suspect;
    return null;
  }

  #follow(record: WalkedRecord, line: number): string | null {
    return (
      this.#segmentProblem(record, line) ??
      this.#vouching.follow(record, this.#head) ??
      (isPaired(record) ? this.#pairing.follow(record) : null)
    );
  }

  /** Segments after the first begin with a record of their own, right after a checkpoint. */
  #segmentProblem(record: WalkedRecord, line: number): string | null {
    if (record.kind !== 'segment-opened') {
      return line === 1 && this.#number > 1 ? 'not the first record of a segment' : null;
    }
    if (line !== 1) return 'the first record of a segment in the middle of one';
    if (record.segment !== this.#number) return 'the first record of another segment';
    const { checkpoint, unsigned } = this.vouched;
    const isSealed = this.#number === 1 || (checkpoint !== null && unsigned === 0);
    if (!isSealed) return 'the segment before it does not end in a checkpoint';
    const isCarried = encode(record.openIntents) === encode(this.#pairing.openIntents());
    return isCarried ? null : 'not the intents that are open here';
  }

  #advance(record: WalkedRecord, { position }: Link, place: Place): BadPlace | null {
    [this.#head, this.#headPlace] = [position, place];
    const known = this.#known.get(position.seq) ?? [];
    const isKnown = known.every(
      ({ hash, requestId }) =>
        hash === position.hash && (requestId === undefined || isClosingOf(record, requestId)),
    );
    return isKnown ? null : { ...place, problem: 'not the record that is known from elsewhere' };
  }
}

function isPaired(record: WalkedRecord): record is PairedRecord {
  return record.kind === 'intent' || record.kind === 'closing';
}

function isClosingOf(record: WalkedRecord, requestId: string): boolean {
  return record.kind === 'closing' && record.requestId === requestId;
}

/** Of a link that does not hold, one side is bad: the earlier one when the later is vouched for. */
function blame({ earlier, place }: Suspect, isVouchedFor: boolean): BadPlace {
  return isVouchedFor && earlier !== null
    ? { ...earlier, problem: 'not the record that the next one continues' }
    : { ...place, problem: 'a broken link' };
}
