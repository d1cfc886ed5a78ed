import { type JournalPosition, MAX_LINE_BYTES } from './chain.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { Entry } from './entry.ts';
import { LineBuffer } from './line-buffer.ts';
import { followIntent, listOf, type OpenIntents } from './open-intents.ts';
import { MAX_CARRIED_INTENTS, type RecordBody } from './record.ts';
import { unsealedRecord } from './record-text.ts';
import { type ChainState, Sealing, type SealingOptions } from './sealing.ts';
import type { SegmentSeries } from './segment-series.ts';

export interface ChainWriterOptions extends SealingOptions {
  readonly segments: SegmentSeries;
  readonly state: ChainState;
  readonly openIntents: OpenIntents;
  /** Whether the last segment is from before segments had a first record: it ends when it can. */
  readonly isOfOldForm: boolean;
  /**
   * Called with the records of a commit and their places while the disk takes them: nothing of it
   * counts yet. It must not throw.
   */
  readonly onSealed: (records: readonly Entry[], positions: readonly JournalPosition[]) => void;
  /** Called with each checkpoint once it is durable, apart from the writer's own work. */
  readonly onCheckpoint: (checkpoint: Checkpoint) => void;
}

/** From a segment that could not be begun to the next attempt. */
const ROTATION_PAUSE_MS = 10_000;

/**
 * Writes one chain over its segments: seals, signs, and begins a new segment when the last one has
 * its measure. Its methods must not overlap.
 */
export class ChainWriter {
  readonly #options: ChainWriterOptions;
  readonly #openIntents: OpenIntents;
  /** INVARIANT: one write at a time, so that no line is replaced before it is written. */
  readonly #lines = new LineBuffer();
  #state: ChainState;
  #isOfOldForm: boolean;
  #isSegmentEnded = false;
  #warning: string | null = null;
  #rotateNotBefore = 0;

  constructor(options: ChainWriterOptions) {
    this.#options = options;
    this.#state = options.state;
    this.#openIntents = options.openIntents;
    this.#isOfOldForm = options.isOfOldForm;
  }

  get state(): ChainState {
    return this.#state;
  }

  /** Why the last segment is longer than it should be; null when it is not. */
  get warning(): string | null {
    return this.#warning;
  }

  /** Seal, write, sync; only then the head moves. Tells the place of each record. */
  async write(records: readonly Entry[]): Promise<JournalPosition[]> {
    const { segments, now } = this.#options;
    const sealing = new Sealing(this.#state, this.#options, this.#lines);
    const positions = records.map((record) => sealing.add(record));
    const isDue = this.#isOfOldForm || segments.isFull(sealing.size, now());
    const isEnd = isDue && this.#mayEnd(records);
    if (isEnd) sealing.checkpoint();
    const written = sealing.size > 0 ? segments.append(sealing.bytes) : undefined;
    this.#options.onSealed(records, positions);
    await written;
    records.forEach((record, index) => {
      followIntent(this.#openIntents, record, positions[index]?.seq ?? 0);
    });
    this.#advance(sealing);
    this.#isSegmentEnded = isEnd;
    return positions;
  }

  /**
   * Begin the next segment if the last one has ended. That it cannot be begun is no reason to stop:
   * the last one goes on, and `warning` says so.
   * @throws when the new segment is there and its name cannot be made durable: `restore` goes on
   */
  async beginSegmentWhenDue(): Promise<void> {
    if (!this.#isSegmentEnded) return;
    this.#isSegmentEnded = false;
    const { segments, now } = this.#options;
    const at = now();
    const sealing = new Sealing(this.#state, this.#options, this.#lines);
    sealing.add(unsealedRecord(this.#header(), at));
    try {
      if (sealing.size > MAX_LINE_BYTES) throw new Error('its first record is too long');
      segments.verifyPlace();
      await segments.begin(sealing.bytes, at);
      this.#warning = null;
      this.#isOfOldForm = false;
    } catch (error) {
      this.#warn(error instanceof Error ? error.message : String(error));
      this.#rotateNotBefore = now().getTime() + ROTATION_PAUSE_MS;
      return;
    }
    this.#advance(sealing);
    await segments.settle();
  }

  verifyPlace(): void {
    this.#options.segments.verifyPlace();
  }

  restore(): Promise<void> {
    return this.#options.segments.restore();
  }

  close(): Promise<void> {
    return this.#options.segments.close();
  }

  #mayEnd(records: readonly Entry[]): boolean {
    if (this.#options.now().getTime() < this.#rotateNotBefore) return false;
    const more = records.filter(({ kind }) => kind === 'intent').length;
    if (this.#openIntents.size + more <= MAX_CARRIED_INTENTS) return true;
    this.#warn(`more than ${MAX_CARRIED_INTENTS} intents are open`);
    return false;
  }

  #warn(reason: string): void {
    this.#warning = `the next segment could not be begun: ${reason}`;
  }

  #header(): RecordBody {
    return segmentHeader({
      journal: this.#state.journal,
      segment: this.#options.segments.nextNumber,
      openIntents: this.#openIntents,
    });
  }

  #advance(sealing: Sealing): void {
    this.#state = sealing.state;
    const { onCheckpoint } = this.#options;
    for (const checkpoint of sealing.checkpoints) queueMicrotask(() => onCheckpoint(checkpoint));
  }
}

/** The first record of a segment: whose it is, and which intents of earlier ones are open. */
export function segmentHeader(facts: {
  readonly journal: string;
  readonly segment: number;
  readonly openIntents: ReadonlyMap<string, number>;
}): RecordBody {
  const { journal, segment, openIntents } = facts;
  return { kind: 'segment-opened', journal, segment, openIntents: listOf(openIntents) };
}
