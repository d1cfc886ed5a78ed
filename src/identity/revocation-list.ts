import { GatewayError } from '../errors.ts';
import { Following } from '../following.ts';
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

/** A token is taken for so long behind its end, where clocks may differ the most. */
const MAX_TOLERANCE_MS = 300_000;

/** The revocations in memory, kept as they are in the database: none is asked for on a request. */
export class RevocationList {
  readonly #options: RevocationListOptions;
  /** Until when, in Unix milliseconds, by what is revoked. */
  #untilOf: ReadonlyMap<string, number> = new Map();
  #changeCount: number | null = null;
  readonly #following: Following<RevocationStatus>;

  private constructor(options: RevocationListOptions) {
    this.#options = options;
    this.#following = new Following({
      ...options,
      follow: () => this.#follow().then(() => null, problemOf),
      status: () => this.status(),
    });
  }

  /**
   * Read the list, and follow its changes until it is closed.
   * It rejects when the list cannot be read: without it no token could be taken.
   */
  static async open(options: RevocationListOptions): Promise<RevocationList> {
    const list = new RevocationList(options);
    await list.#follow();
    list.#following.begin();
    return list;
  }

  /**
   * Whether this token, its subject or its tenant is revoked.
   * @throws GatewayError `revocations-stale` when nobody can say: it may have been revoked since
   */
  isRevoked({ name, subject, issuer, tokenId }: Tenant): boolean {
    const { refuseWhenStale } = this.#options.settings;
    if (refuseWhenStale && this.#following.isStale) {
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
    const { isStale, problem } = this.#following;
    return { count: this.#untilOf.size, isStale, problem };
  }

  /** Look at the database now: what was durable before this call is in force after it. */
  look(): Promise<void> {
    return this.#following.look();
  }

  /** Look no more; what is being looked at is awaited. */
  close(): Promise<void> {
    return this.#following.close();
  }

  #holds(key: string): boolean {
    const until = this.#untilOf.get(key);
    // A clock that is not a number revokes.
    return until !== undefined && !(this.#options.now().getTime() > until);
  }

  async #follow(): Promise<void> {
    const { store } = this.#options;
    // Counted first: a change between the two is read now and counted at the next look.
    const changeCount = await store.changeCount();
    if (changeCount === this.#changeCount) return;
    this.#untilOf = untilByKey(await store.list());
    this.#changeCount = changeCount;
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
