/** What one look has found; every line of the doctor is one. */
export interface Finding {
  /** What was looked at, like `clock`. */
  readonly check: string;
  readonly verdict: 'ok' | 'warn' | 'fail';
  readonly seen: string;
  /** What to do about it; null when there is nothing to do. */
  readonly remedy: string | null;
}

export function ok(check: string, seen: string): Finding {
  return { check, verdict: 'ok', seen, remedy: null };
}

export function warn(check: string, seen: string, remedy: string): Finding {
  return { check, verdict: 'warn', seen, remedy };
}

export function fail(check: string, seen: string, remedy: string): Finding {
  return { check, verdict: 'fail', seen, remedy };
}

/** The words of an error, on one line. */
export function wordsOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\s*\n\s*/g, ' ');
}
