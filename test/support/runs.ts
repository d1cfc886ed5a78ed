const factor = Number(process.env.TEST_RUNS ?? 1);

/** A count of an ordinary run, and so many times as many when `TEST_RUNS` asks for more. */
export const times = (count: number): number => Math.ceil(count * factor);

/**
 * How often a property is tried: in the suite few times and always the same, because each is dear;
 * `TEST_RUNS=100 npm test -- test/policy` tries 100 times as many, and others each time.
 */
export function runs(count: number): { readonly numRuns: number; readonly seed?: number } {
  return factor === 1 ? { numRuns: count, seed: 4 } : { numRuns: times(count) };
}

/** How long a test may take, in milliseconds, which is longer the more often it tries something. */
export const PATIENCE = 60_000 * Math.max(1, factor);
