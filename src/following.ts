/** What is needed to follow something in the database. */
export interface FollowingOptions<Status> {
  /** Come to what the database holds; null, or why that could not be. It does not reject. */
  readonly follow: () => Promise<string | null>;
  readonly settings: { readonly maxStaleMs: number };
  /** Milliseconds of a clock that is never set. */
  readonly elapsedMs: () => number;
  /** How it stands now. */
  readonly status: () => Status;
  /** Called when that becomes another. */
  readonly onChange: (status: Status) => void;
}

/** How often the database is asked, in milliseconds, when nothing else says that there is news. */
const LOOK_EVERY_MS = 250;

/** Keeps what is in memory as it is in the database, and knows when that was confirmed last. */
export class Following<Status> {
  readonly #options: FollowingOptions<Status>;
  #confirmedAt: number;
  #problem: string | null = null;
  #told = '';
  #looking: Promise<void> | null = null;
  #isNews = false;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  /** What is in memory now counts as confirmed. */
  constructor(options: FollowingOptions<Status>) {
    this.#options = options;
    this.#confirmedAt = options.elapsedMs();
  }

  /** Look again and again, until it is closed; how it stands now is known and not told. */
  begin(): void {
    this.#told = JSON.stringify(this.#options.status());
    this.#lookLater();
  }

  /** Why the last look at the database did not confirm it; null when it did. */
  get problem(): string | null {
    return this.#problem;
  }

  /** Whether it was confirmed too long ago to be relied on. */
  get isStale(): boolean {
    const { elapsedMs, settings } = this.#options;
    // A clock that is not a number confirms nothing.
    return !(elapsedMs() - this.#confirmedAt <= settings.maxStaleMs);
  }

  /** Look at the database now: what was durable before this call is in force after it. */
  async look(): Promise<void> {
    if (this.#isClosed) return;
    this.#isNews = true;
    this.#looking ??= this.#lookUntilNothingIsNew().finally(() => {
      this.#looking = null;
    });
    await this.#looking;
  }

  /** Tell how it stands, when that is news. */
  tell(): void {
    const status = this.#options.status();
    const told = JSON.stringify(status);
    if (told === this.#told) return;
    this.#told = told;
    this.#options.onChange(status);
  }

  /** Look no more; what is being looked at is awaited. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#looking;
  }

  #lookLater(): void {
    if (this.#isClosed) return;
    this.#timer = setTimeout(async () => {
      await this.look();
      this.#lookLater();
    }, LOOK_EVERY_MS).unref();
  }

  async #lookUntilNothingIsNew(): Promise<void> {
    const { follow, elapsedMs } = this.#options;
    while (this.#isNews && !this.#isClosed) {
      this.#isNews = false;
      const askedAt = elapsedMs();
      this.#problem = await follow();
      if (this.#problem === null) this.#confirmedAt = askedAt;
      if (!this.#isClosed) this.tell();
    }
  }
}
