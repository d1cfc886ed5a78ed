/**
 * The lowest whole number from low to high that reaches the target, if more always reaches more.
 * @returns what the trial of that number gave, or null when not even `high` reaches it
 */
export async function lowestReaching<T>(
  { low, high, first }: { low: number; high: number; first: number },
  attempt: (value: number) => Promise<T | null>,
): Promise<T | null> {
  let best: T | null = null;
  let [from, to] = [low, high];
  let value = Math.min(Math.max(first, low), high);
  while (from <= to) {
    const found = await attempt(value);
    if (found === null) from = value + 1;
    else {
      best = found;
      to = value - 1;
    }
    value = Math.floor((from + to) / 2);
  }
  return best;
}

/** The smallest of those that were found. */
export function smallest<T extends { readonly bytes: number }>(
  candidates: readonly (T | null)[],
): T | null {
  return candidates.reduce<T | null>(
    (best, each) => (each !== null && (best === null || each.bytes < best.bytes) ? each : best),
    null,
  );
}
