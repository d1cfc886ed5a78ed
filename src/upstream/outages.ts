import { GatewayError } from '../errors.ts';

export interface OutageSettings {
  /** Failures in a row that make an outage. */
  readonly failures: number;
  /** How long calls are held back before one of them may try. */
  readonly pauseMs: number;
}

/** Whose calls are held back: one bucket's, or a whole region's. */
type Scope = 'bucket' | 'region';

/** What is told to operators. */
export interface Outage {
  readonly scope: Scope;
  /** A bucket's host, or what the hosts of a region have in common. */
  readonly host: string;
  readonly since: Date;
}

export interface OutageOptions extends OutageSettings {
  readonly now: () => Date;
  /** Called once for each change. */
  readonly onChange: (outage: Outage, state: 'begun' | 'over') => void;
}

/** Circuit breakers: who has failed again and again is left alone for a while. */
export interface Outages {
  /**
   * Ask to send something to a host. After the pause one call at a time may, to find out.
   * @returns to be called when the call has ended, sent or not
   * @throws GatewayError `upstream-unavailable`
   */
  enter(host: string): () => void;
  /** How a call on a host has ended. */
  observe(host: string, hasFailed: boolean): void;
  /** Those that last, the longest first. */
  list(): readonly Outage[];
}

/**
 * One bucket may fail for reasons of its own, so a region's outage takes failures of several; and
 * a region that answers others in the meantime has none.
 */
const SCOPES: readonly { scope: Scope; keyOf: (host: string) => string; leastHosts: number }[] = [
  { scope: 'bucket', keyOf: (host) => host, leastHosts: 1 },
  { scope: 'region', keyOf: (host) => host.slice(host.indexOf('.') + 1), leastHosts: 3 },
];

/** A run of failures that is shorter says little: they may all have one short cause. */
const LEAST_RUN_MS = 1_000;
/** Failures that lie further apart are no run. */
const MOST_GAP_MS = 30_000;
/** Runs that are remembered, of each scope; the oldest are forgotten. */
const MAX_RUNS = 4_096;

/** @param options with `failures` of at least 1 */
export function createOutages(options: OutageOptions): Outages {
  const scopes = SCOPES.map((scope) => new Watched(scope, options));
  return {
    enter(host) {
      if (scopes.every((scope) => scope.isQuiet)) return NOTHING;
      const at = options.now().getTime();
      const runs = scopes.flatMap((scope) => scope.runOf(host) ?? []);
      const waitMs = Math.max(0, ...runs.map((run) => run.heldMs(at)));
      if (waitMs > 0) throw refusal(waitMs);
      const tried = runs.filter((run) => run.tryNow());
      return () => {
        for (const run of tried) run.giveTryBack();
      };
    },
    observe(host, hasFailed) {
      for (const scope of scopes) {
        if (hasFailed) scope.fail(host);
        else scope.succeed(host);
      }
    },
    list: () =>
      scopes
        .flatMap((scope) => scope.outages())
        .toSorted((a, b) => a.since.getTime() - b.since.getTime()),
  };
}

const NOTHING = () => {};

type ScopeRow = (typeof SCOPES)[number];

/** The runs of failures of one scope. */
class Watched {
  readonly #row: ScopeRow;
  readonly #options: OutageOptions;
  readonly #runs = new Map<string, Run>();

  constructor(row: ScopeRow, options: OutageOptions) {
    this.#row = row;
    this.#options = options;
  }

  runOf(host: string): Run | undefined {
    return this.#runs.get(this.#row.keyOf(host));
  }

  /** Whether no run of failures is known at all. */
  get isQuiet(): boolean {
    return this.#runs.size === 0;
  }

  succeed(host: string): void {
    if (this.isQuiet) return;
    const key = this.#row.keyOf(host);
    const since = this.#runs.get(key)?.since;
    this.#runs.delete(key);
    if (since) this.#options.onChange({ scope: this.#row.scope, host: key, since }, 'over');
  }

  fail(host: string): void {
    const { scope, keyOf, leastHosts } = this.#row;
    const key = keyOf(host);
    const since = this.#options.now();
    const run = this.#runs.get(key) ?? this.#begin(key);
    if (run.fail(host, since, { ...this.#options, leastHosts })) {
      this.#options.onChange({ scope, host: key, since }, 'begun');
    }
  }

  outages(): readonly Outage[] {
    const { scope } = this.#row;
    return [...this.#runs].flatMap(([host, { since }]) => (since ? [{ scope, host, since }] : []));
  }

  #begin(key: string): Run {
    const [oldest] = this.#runs.keys();
    if (this.#runs.size >= MAX_RUNS && oldest !== undefined) this.#runs.delete(oldest);
    const run = new Run();
    this.#runs.set(key, run);
    return run;
  }
}

function refusal(waitMs: number): GatewayError {
  return new GatewayError(
    'upstream-unavailable',
    'calls like this one have failed again and again; nothing was sent; repeat it later',
    { headers: { 'retry-after': String(Math.ceil(waitMs / 1000)) } },
  );
}

/** Failures in a row, without a success among them; with `since` they are an outage. */
class Run {
  since: Date | null = null;
  #failures = 0;
  /** As many as matter. */
  readonly #hosts = new Set<string>();
  #firstAt = 0;
  #lastAt = 0;
  #heldUntil = 0;
  #isTried = false;

  /** @returns whether an outage begins */
  fail(host: string, at: Date, limits: OutageSettings & { leastHosts: number }): boolean {
    const time = at.getTime();
    if (time - this.#lastAt > MOST_GAP_MS && this.since === null) this.#restart(time);
    this.#lastAt = time;
    this.#failures += 1;
    if (this.#hosts.size < limits.leastHosts) this.#hosts.add(host);
    if (this.since !== null) {
      if (this.#isTried) this.#hold(time + limits.pauseMs);
      return false;
    }
    const isOutage =
      this.#failures >= limits.failures &&
      this.#hosts.size >= limits.leastHosts &&
      time - this.#firstAt >= LEAST_RUN_MS;
    if (!isOutage) return false;
    this.since = at;
    this.#hold(time + limits.pauseMs);
    return true;
  }

  /** 0 when a call may be sent. */
  heldMs(now: number): number {
    if (this.since === null) return 0;
    if (this.#isTried) return 1_000;
    return Math.max(this.#heldUntil - now, 0);
  }

  /** @returns whether the caller is the one that finds out */
  tryNow(): boolean {
    this.#isTried = this.since !== null;
    return this.#isTried;
  }

  giveTryBack(): void {
    this.#isTried = false;
  }

  #hold(until: number): void {
    this.#heldUntil = until;
    this.#isTried = false;
  }

  #restart(at: number): void {
    this.#firstAt = at;
    this.#failures = 0;
    this.#hosts.clear();
  }
}
