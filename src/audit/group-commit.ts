import { setImmediate } from 'node:timers/promises';
import { add, batchOf, isFull, refuse, unavailable } from './batch.ts';
import { boundedText } from './bounded-text.ts';
import type { JournalPosition, RecordText } from './chain.ts';
import type { ChainWriter } from './chain-writer.ts';
import { CheckpointTimer } from './checkpoint-timer.ts';
import { type Entry, EntryMaker, type Waiter } from './entry.ts';

/** How the journal is; `problem` is for operators. */
export interface JournalStatus {
  readonly isWritable: boolean;
  readonly problem: string | null;
  /** What an operator should look at though records are written; null when there is nothing. */
  readonly warning: string | null;
  /** The last record that is known to be durable. */
  readonly head: JournalPosition;
  /** Notes that were dropped since the journal was opened. */
  readonly lost: number;
}

/** What writes the chain, how long a commit may take, and how long new records may be unsigned. */
export interface GroupCommitOptions {
  readonly writer: ChainWriter;
  readonly checkpointSeconds: number;
  readonly now: () => Date;
  readonly onStateChange: (status: JournalStatus) => void;
  readonly commitTimeoutMs: number;
}

interface Outage {
  readonly problem: string;
  readonly since: Date;
}

/** Of the event loop, before a commit begins; more are no cheaper. */
const GATHERING_TURNS = 3;
/** From a failure to the next attempt to mend it. */
const COOL_DOWN_MS = 100;

/**
 * Puts records into one chain and on the disk. Those that wait share one write and one sync; what
 * comes while a sync runs waits for the next. One commit at a time.
 */
export class GroupCommit {
  readonly #options: GroupCommitOptions;
  readonly #entries: EntryMaker;
  #pending = batchOf([]);
  #inFlight = batchOf([]);
  #lost = 0;
  #outage: Outage | null = null;
  #isClosed = false;
  /** The work under way: a run of commits, or a recovery. */
  #work: Promise<void> | null = null;
  #retry: NodeJS.Timeout | undefined;
  readonly #checkpointTimer: CheckpointTimer;
  #warning: string | null = null;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
    this.#entries = new EntryMaker(options.now);
    this.#checkpointTimer = new CheckpointTimer(options.checkpointSeconds, () => {
      // An outage's end is a record, with which the timer begins anew.
      if (!this.#isClosed && this.#outage === null) this.#requestCheckpoint();
    });
  }

  status(): JournalStatus {
    const problem = this.#problem();
    const { warning, state } = this.#options.writer;
    return { isWritable: problem === null, problem, warning, head: state.head, lost: this.#lost };
  }

  /** Resolves when the record is durable; rejects with `audit-unavailable` when that is not known. */
  append(record: RecordText): Promise<JournalPosition> {
    const problem = this.#problem() ?? (isFull(this.#pending) ? 'too many records wait' : null);
    if (problem !== null) {
      if (record.kind !== 'intent') this.note(record);
      return Promise.reject(unavailable(problem));
    }
    const waiter = Promise.withResolvers<JournalPosition>();
    this.#take(this.#entries.of(record, waiter));
    return waiter.promise;
  }

  /** Takes a record that nobody waits for; it is held through an outage as long as there is room. */
  note(record: RecordText): void {
    if (this.#isClosed || isFull(this.#pending)) this.#lost += 1;
    else this.#take(this.#entries.of(record));
  }

  /** Sign what is new, and wait until that is durable. */
  checkpoint(): Promise<JournalPosition> {
    const waiter = Promise.withResolvers<JournalPosition>();
    this.#requestCheckpoint(waiter);
    return waiter.promise;
  }

  /** Count a note that could not be made into a record. */
  countLost(): void {
    this.#lost += 1;
  }

  /** Write what waits and a last record; a sync under way is waited for, however long it takes. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    await this.#idle();
    if (this.#outage !== null) this.#start(() => this.#recover());
    await this.#idle();
    if (this.#outage === null) {
      this.#take(this.#entries.own({ kind: 'journal-closed', lost: this.#lost }));
      this.#requestCheckpoint();
    }
    await this.#idle();
    this.#checkpointTimer.stop();
    this.#lost += this.#pending.entries.length;
    await this.#options.writer.close();
  }

  #requestCheckpoint(waiter: Waiter | null = null): void {
    this.#take(this.#entries.checkpointRequest(waiter));
  }

  #problem(): string | null {
    return this.#isClosed ? 'the journal is closed' : (this.#outage?.problem ?? null);
  }

  #take(entry: Entry): void {
    add(this.#pending, entry);
    if (this.#outage !== null) return;
    this.#pending.timer ??= setTimeout(() => this.#tellLate(), this.#options.commitTimeoutMs);
    if (this.#work === null) this.#start(() => this.#commitAll());
  }

  /** Start work unless some is under way; what was taken in meanwhile is work again. */
  #start(work: () => Promise<void>): void {
    this.#work ??= work().finally(() => {
      this.#work = null;
      if (this.#outage === null && this.#pending.entries.length > 0) {
        this.#start(() => this.#commitAll());
      }
    });
  }

  async #idle(): Promise<void> {
    while (this.#work !== null) await this.#work;
  }

  async #commitAll(): Promise<void> {
    try {
      while (this.#pending.entries.length > 0) {
        await this.#gather();
        this.#options.writer.verifyPlace();
        this.#inFlight = this.#pending;
        this.#pending = batchOf([]);
        await this.#write(this.#inFlight.entries);
        clearTimeout(this.#inFlight.timer);
        this.#inFlight = batchOf([]);
        // The last record of all is a checkpoint, not the first of a segment without others.
        if (!this.#isClosed) await this.#options.writer.beginSegmentWhenDue();
        this.#announceWarning();
        if (this.#outage !== null) {
          const recovered = this.#recovered(this.#outage);
          this.#endOutage();
          this.#take(recovered);
        }
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  /** What turns of the event loop bring shares the commit: a few of them, while they bring more. */
  async #gather(): Promise<void> {
    for (let turn = 0, taken = 0; turn < GATHERING_TURNS; turn += 1) {
      if (this.#pending.entries.length === taken) return;
      taken = this.#pending.entries.length;
      await setImmediate();
    }
  }

  /** The record of an outage's end is its proof: only when it is durable the journal is back. */
  async #recover(): Promise<void> {
    try {
      await this.#options.writer.restore();
      if (this.#outage !== null) await this.#write([this.#recovered(this.#outage)]);
      this.#endOutage();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Those who wait are told when their records are durable. */
  async #write(entries: readonly Entry[]): Promise<void> {
    const positions = await this.#options.writer.write(entries);
    positions.forEach((position, index) => {
      entries[index]?.waiter?.resolve(position);
    });
    this.#checkpointTimer.watch(this.#options.writer.state.unsigned);
  }

  /** A commit takes too long: its waiters are told now, though their records may yet be written. */
  #tellLate(): void {
    this.#interrupt(`a commit has taken more than ${this.#options.commitTimeoutMs} ms`);
  }

  /** A write or a sync failed: nothing of it counts, its notes are held, mending begins soon. */
  #fail(error: unknown): void {
    const lasting = this.#inFlight.entries.filter(({ isLasting }) => isLasting);
    this.#interrupt(error instanceof Error ? error.message : String(error));
    this.#inFlight = batchOf([]);
    this.#pending = batchOf([...lasting, ...this.#pending.entries]);
    if (this.#isClosed) return;
    this.#retry = setTimeout(() => this.#start(() => this.#recover()), COOL_DOWN_MS).unref();
  }

  /** Tell all who wait; intents that are not being written yet are given up. */
  #interrupt(problem: string): void {
    const error = unavailable(problem);
    refuse(this.#inFlight, error);
    this.#pending = refuse(this.#pending, error);
    const isNews = problem !== this.#outage?.problem;
    this.#outage = { problem, since: this.#outage?.since ?? this.#options.now() };
    if (isNews) this.#announce();
  }

  #endOutage(): void {
    this.#outage = null;
    this.#announce();
  }

  #recovered({ problem, since }: Outage): Entry {
    const lost = this.#lost;
    const kind = 'journal-recovered';
    return this.#entries.own({ kind, problem: boundedText(problem), since, lost });
  }

  #announceWarning(): void {
    const { warning } = this.#options.writer;
    if (warning === this.#warning) return;
    this.#warning = warning;
    this.#announce();
  }

  /** Apart from our own work, which a failing listener must not stop. */
  #announce(): void {
    const status = this.status();
    queueMicrotask(() => this.#options.onStateChange(status));
  }
}
