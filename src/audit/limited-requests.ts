/** Requests of one tenant that were refused by its limits, since the first of them. */
export interface LimitedRequests {
  readonly tenant: string;
  readonly count: number;
  readonly since: Date;
}

/** Counts what a tenant's limits refuse, so that a flood of a minute is one record. */
export interface LimitedRequestCounter {
  add(tenant: string): void;
  /** Note what is counted, at once. */
  flush(): void;
}

const MINUTE_MS = 60_000;
/** Beyond, what is counted is noted before its minute is over. */
const MAX_TENANTS = 1_024;

/** @param options.note takes the counts of each tenant, a minute after the first one */
export function createLimitedRequestCounter(options: {
  readonly now: () => Date;
  readonly note: (counted: LimitedRequests) => void;
  readonly everyMs?: number;
}): LimitedRequestCounter {
  const { now, note, everyMs = MINUTE_MS } = options;
  let counted = new Map<string, LimitedRequests>();
  let timer: NodeJS.Timeout | null = null;

  function flush(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    const taken = counted;
    counted = new Map();
    for (const one of taken.values()) note(one);
  }

  return {
    add(tenant) {
      const before = counted.get(tenant);
      counted.set(tenant, {
        tenant,
        count: (before?.count ?? 0) + 1,
        since: before?.since ?? now(),
      });
      if (counted.size >= MAX_TENANTS) flush();
      else timer ??= setTimeout(flush, everyMs).unref();
    },
    flush,
  };
}
