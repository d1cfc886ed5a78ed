/** Refusals of which there is no record, and since when. */
export interface SkippedRefusals {
  readonly count: number;
  readonly since: Date;
}

/** Decides which refusals before authentication get a record, so a stranger cannot fill the disk. */
export interface RefusalBudget {
  /** Whether this refusal may be recorded; if not, it is counted. */
  admit(): boolean;
  /** The count since it was last taken, for a record of kind `refusals-skipped`; null for none. */
  takeSkipped(): SkippedRefusals | null;
}

const DEFAULT_PER_SECOND = 10;

/**
 * A token bucket that holds the records of one second.
 * @param options.perSecond records a second, more than 0
 */
export function createRefusalBudget(options: {
  readonly now: () => Date;
  readonly perSecond?: number;
}): RefusalBudget {
  const { now, perSecond = DEFAULT_PER_SECOND } = options;
  let tokens = perSecond;
  let filledAt = now().getTime();
  let skipped: SkippedRefusals | null = null;
  return {
    admit() {
      const at = now();
      // A clock that was set back gives nothing and takes nothing.
      const elapsedMs = Math.max(0, at.getTime() - filledAt);
      tokens = Math.min(perSecond, tokens + (elapsedMs * perSecond) / 1000);
      filledAt = at.getTime();
      if (tokens >= 1) {
        tokens -= 1;
        return true;
      }
      skipped = { count: (skipped?.count ?? 0) + 1, since: skipped?.since ?? at };
      return false;
    },
    takeSkipped() {
      const taken = skipped;
      skipped = null;
      return taken;
    },
  };
}
