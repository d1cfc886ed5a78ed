import { type Comparison, comparisonsOf } from './comparisons.ts';
import { contextValues } from './context.ts';
import type { DecisionRequest } from './decide.ts';
import { representatives } from './representatives.ts';
import type { Statement } from './statement.ts';
import { type AspectValue, everyWay, withValue } from './vary.ts';

interface Surroundings {
  readonly now: Date;
  /** Takes what could not be gone through, in words. */
  readonly limits: Set<string>;
}

/** At most so many combinations of facts are tried for one call on one bucket. */
const MAX_COMBINATIONS = 4_096;

/**
 * A request with every combination of facts that the statements which name it tell apart: where
 * it comes from, when, and with which claims. The call and the bucket stay.
 */
export function* combinations(
  request: DecisionRequest,
  named: readonly Statement[],
  { now, limits }: Surroundings,
): Generator<DecisionRequest> {
  const open = named.map((one) => ({ ...one, comparisons: comparisonsOf(one) })).filter(mayHold);
  const comparisons = open.flatMap((one) => one.comparisons);
  const ends = open.flatMap(({ expiresAt }) => expiresAt?.getTime() ?? []);
  const aspects = new Set(comparisons.map(({ aspect }) => aspect).filter((one) => one !== 'call'));
  if (ends.length > 0) aspects.add('time');

  const choices = [...aspects].map((aspect) => {
    const own = comparisons.filter((one) => one.aspect === aspect);
    const found = representatives(aspect, own, [now.getTime(), ...ends]);
    if (!found.isComplete) limits.add(`the ${aspect} is compared with in too many ways`);
    return distinctOutcomes(request, found.values, { comparisons: own, ends });
  });
  const count = choices.reduce((product, values) => product * values.length, 1);
  if (count > MAX_COMBINATIONS) {
    limits.add(`of ${count} combinations of facts ${MAX_COMBINATIONS} were tried`);
  }
  let taken = 0;
  for (const combination of everyWay(request, choices)) {
    if (++taken > MAX_COMBINATIONS) return;
    yield combination;
  }

  function mayHold(one: { readonly comparisons: readonly Comparison[] }): boolean {
    const values = contextValues(request.context);
    return one.comparisons.every(({ aspect, test }) => aspect !== 'call' || test(values) !== false);
  }
}

/** Of values with which all comparisons come out the same one is kept. */
function distinctOutcomes(
  request: DecisionRequest,
  values: readonly AspectValue[],
  told: { readonly comparisons: readonly Comparison[]; readonly ends: readonly number[] },
): AspectValue[] {
  const found = new Map<string, AspectValue>();
  for (const value of values) {
    const context = contextValues(withValue(request, value).context);
    const outcomes = told.comparisons.map(({ test }) => test(context));
    const outcome = [...outcomes, ...told.ends.map((end) => context.time < end)].join();
    if (!found.has(outcome)) found.set(outcome, value);
  }
  return [...found.values()];
}
