const factor = Number(process.env.POLICY_RUNS ?? 1);

/**
 * How many times a property is tried: in the suite few and always the same, because each is dear;
 * `POLICY_RUNS=100 npm test -- test/policy` tries 100 times as many, and others each time.
 */
export function runs(count: number): { readonly numRuns: number; readonly seed?: number } {
  return factor === 1 ? { numRuns: count, seed: 4 } : { numRuns: Math.ceil(count * factor) };
}

/** For a test of properties, which takes longer the more often it tries them. */
export const PATIENCE = 60_000 * Math.max(1, factor);
