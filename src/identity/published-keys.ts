import { hash } from 'node:crypto';
import type { IssuerKeys, IssuerStatus, KeySet, KeyWatch } from './issuer-keys.ts';
import type { KeySetSettings } from './issuer-settings.ts';
import { parseKeySet } from './key-set.ts';
import { keySetReader, type ReadKeySet } from './key-source.ts';
import { KeySourceError } from './key-source-error.ts';

/** The set that was read last. */
interface Reading {
  readonly set: KeySet;
  readonly sha256: string;
  /** When the reading began: so old is what it says, at most. */
  readonly readAt: Date;
  readonly ignored: readonly string[];
}

/**
 * Keys that their issuer publishes: read ahead of need in the background, once more for an unknown
 * `kid`, and kept for a bounded time when they cannot be read.
 */
export class PublishedKeys implements IssuerKeys {
  readonly #issuer: string;
  readonly #settings: KeySetSettings;
  readonly #read: ReadKeySet;
  readonly #closing = new AbortController();
  #watch: KeyWatch | null = null;
  #reading: Reading | null = null;
  #problem: string | null = 'not read yet';
  #underWay: Promise<void> | null = null;
  #askedAtMs = -Infinity;
  #timer: NodeJS.Timeout | undefined;
  #reported = '';

  constructor(issuer: string, settings: KeySetSettings) {
    this.#issuer = issuer;
    this.#settings = settings;
    this.#read = keySetReader(issuer, settings);
  }

  get retrySeconds(): number {
    return this.#settings.cooldownSeconds;
  }

  current(now: Date): KeySet | null {
    if (this.#reading === null) return null;
    const ageMs = now.getTime() - this.#reading.readAt.getTime();
    // INVARIANT: written so that a clock that is not a number trusts nothing.
    return ageMs <= this.#settings.staleSeconds * 1000 ? this.#reading.set : null;
  }

  ask(now: Date): Promise<void> | null {
    if (this.#watch === null || this.#closing.signal.aborted) return null;
    const sinceMs = now.getTime() - this.#askedAtMs;
    if (!(sinceMs >= this.#settings.cooldownSeconds * 1000)) return this.#underWay;
    this.#askedAtMs = now.getTime();
    return this.#refresh(this.#watch);
  }

  status(now: Date): IssuerStatus {
    const set = this.current(now);
    const usable = this.#problem === null ? 'fresh' : 'stale';
    return {
      issuer: this.#issuer,
      state: set === null ? 'unavailable' : usable,
      generation: this.#reading?.set.generation ?? 0,
      kids: set?.keys.map(({ kid }) => kid) ?? [],
      readAt: this.#reading?.readAt ?? null,
      problem: this.#problem,
      ignored: this.#reading?.ignored ?? [],
    };
  }

  open(watch: KeyWatch): Promise<void> {
    this.#watch = watch;
    return this.#refresh(watch);
  }

  close(): void {
    this.#closing.abort();
    clearTimeout(this.#timer);
  }

  /** One reading at a time: who asks while one is under way waits for that. */
  #refresh(watch: KeyWatch): Promise<void> {
    this.#underWay ??= this.#readOnce(watch.now()).then(() => {
      this.#underWay = null;
      if (this.#closing.signal.aborted) return;
      this.#report(watch);
      this.#schedule(watch);
    });
    return this.#underWay;
  }

  async #readOnce(readAt: Date): Promise<void> {
    try {
      const bytes = await this.#read(this.#closing.signal);
      this.#accept(bytes, readAt);
      this.#problem = null;
    } catch (error) {
      this.#problem = error instanceof KeySourceError ? error.message : 'it could not be read';
    }
  }

  #accept(bytes: Uint8Array, readAt: Date): void {
    const sha256 = hash('sha256', bytes);
    const last = this.#reading;
    // Keys that are the same stay the same objects, so that what they have proven stays proven.
    if (last?.sha256 === sha256) {
      this.#reading = { ...last, readAt };
      return;
    }
    const { keys, ignored } = parseKeySet(bytes, this.#settings.algorithms);
    const generation = (last?.set.generation ?? 0) + 1;
    this.#reading = { set: { generation, keys }, sha256, readAt, ignored };
  }

  #report({ now, onChange }: KeyWatch): void {
    const status = this.status(now());
    const { readAt, ...lasting } = status;
    const said = JSON.stringify(lasting);
    if (said === this.#reported) return;
    this.#reported = said;
    onChange(status);
  }

  /** Ahead of need; sooner when the last reading failed. */
  #schedule(watch: KeyWatch): void {
    const { refreshSeconds, cooldownSeconds } = this.#settings;
    const seconds =
      this.#problem === null ? refreshSeconds : Math.min(refreshSeconds, cooldownSeconds);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#refresh(watch), seconds * 1000).unref();
  }
}
