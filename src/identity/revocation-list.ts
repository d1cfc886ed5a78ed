import { GatewayError } from '../errors.ts';
import type { Revocation } from './revocation.ts';
import type { Tenant } from './tenant.ts';

/** How the list in memory stands towards the database. */
export interface RevocationStatus {
  readonly count: number;
  /** Whether it was confirmed too long ago to be relied on. */
  readonly isStale: boolean;
  /** Why the last look at the database did not confirm it; null when it did. */
  readonly problem: string | null;
}

export interface RevocationListOptions {
  readonly store: {
    changeCount(): Promise<number>;
    list(): Promise<readonly Revocation[]>;
  };
  readonly settings: { readonly maxStaleMs: number; readonly refuseWhenStale: boolean };
  readonly now: () => Date;
  /** Milliseconds of a clock that is never set. */
  readonly elapsedMs: () => number;
  /** Called when it becomes stale or confirmed, or its length changes. */
  readonly onChange: (status: RevocationStatus) => void;
}

/** How often the database is asked, in milliseconds. */
const LOOK_EVERY_MS = 250;
/** A token is taken for so long behind its end, where clocks may differ the most. */
const MAX_TOLERANCE_MS = 300_000;

/** The revocations in memory, kept as they are in the database: none is asked for on a request. */
export class RevocationList {
  readonly #options: RevocationListOptions;
  /** Until when, in Unix milliseconds, by what is revoked. */
  #untilOf: ReadonlyMap<string, number> = new Map();
  #changeCount: number | null = null;
  #confirmedAt: number;
  #problem: string | null = null;
  #told = '';
  #looking: Promise<void> | null = null;
  #isNews = false;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  private constructor(options: RevocationListOptions) {
    this.#options = options;
    this.#confirmedAt = options.elapsedMs();
  }

  /**
   * Read the list, and follow its changes until it is closed.
   * It rejects when the list cannot be read: without it no token could be taken.
   */
  static async open(options: RevocationListOptions): Promise<RevocationList> {
    const list = new RevocationList(options);
    await list.#follow();
    list.#told = JSON.stringify(list.status());
    list.#lookLater();
    return list;
  }

  /**
   * Whether this token, its subject or its tenant is revoked.
   * @throws GatewayError `revocations-stale` when nobody can say: it may have been revoked since
   */
  isRevoked({ name, subject, issuer, tokenId }: Tenant): boolean {
    const { refuseWhenStale } = this.#options.settings;
    if (refuseWhenStale && this.#isStale()) {
      const detail = 'no token is taken until the database confirms what is revoked; repeat this';
      throw new GatewayError('revocations-stale', detail, { headers: { 'retry-after': '1' } });
    }
    if (this.#untilOf.size === 0) return false;
    return (
      this.#holds(keyOf('tenant', null, name)) ||
      this.#holds(keyOf('subject', issuer, subject)) ||
      (tokenId !== null && this.#holds(keyOf('token', issuer, tokenId)))
    );
  }

  status(): RevocationStatus {
    return { count: this.#untilOf.size, isStale: this.#isStale(), problem: this.#problem };
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

  /** Look no more; what is being looked at is awaited. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#looking;
  }

  #holds(key: string): boolean {
    const until = this.#untilOf.get(key);
    // A clock that is not a number revokes.
    return until !== undefined && !(this.#options.now().getTime() > until);
  }

  #lookLater(): void {
    if (this.#isClosed) return;
    this.#timer = setTimeout(async () => {
      await this.look();
      this.#lookLater();
    }, LOOK_EVERY_MS).unref();
  }

  async #lookUntilNothingIsNew(): Promise<void> {
    while (this.#isNews && !this.#isClosed) {
      this.#isNews = false;
      const askedAt = this.#options.elapsedMs();
      this.#problem = await this.#follow().then(() => null, problemOf);
      if (this.#problem === null) this.#confirmedAt = askedAt;
      if (!this.#isClosed) this.#tell();
    }
  }

  async #follow(): Promise<void> {
    const { store } = this.#options;
    // Counted first: a change between the two is read now and counted at the next look.
    const changeCount = await store.changeCount();
    if (changeCount === this.#changeCount) return;
    this.#untilOf = untilByKey(await store.list());
    this.#changeCount = changeCount;
  }

  #isStale(): boolean {
    const { elapsedMs, settings } = this.#options;
    return !(elapsedMs() - this.#confirmedAt <= settings.maxStaleMs);
  }

  #tell(): void {
    const status = this.status();
    const told = JSON.stringify(status);
    if (told === this.#told) return;
    this.#told = told;
    this.#options.onChange(status);
  }
}

function untilByKey(revocations: readonly Revocation[]): ReadonlyMap<string, number> {
  const untilOf = new Map<string, number>();
  for (const { kind, issuer, value, until } of revocations) {
    const key = keyOf(kind, issuer, value);
    const tolerance = kind === 'token' ? MAX_TOLERANCE_MS : 0;
    const end = until === null ? Number.POSITIVE_INFINITY : until.getTime() + tolerance;
    untilOf.set(key, Math.max(end, untilOf.get(key) ?? end));
  }
  return untilOf;
}

/** One text for each: a kind has no line feed, and no `jti`, `sub` or tenant’s name that is taken. */
function keyOf(kind: Revocation['kind'], issuer: string | null, value: string): string {
  return `${kind}\n${value}\n${issuer ?? ''}`;
}

function problemOf(error: unknown): string {
  const { cause = error } = error as { cause?: unknown };
  const message = cause instanceof Error ? cause.message : String(cause);
  return message.replace(/\s*\n\s*/g, ' ');
}
