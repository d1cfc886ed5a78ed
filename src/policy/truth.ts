/** What a comparison can answer; `unknown`: the request does not say what is needed to tell. */
export type Truth = boolean | 'unknown';

/** A question to one value, compiled when the table is loaded. */
export type Test<Given> = (given: Given) => Truth;

/** All of the tests hold. */
export function allOf<Given>(tests: readonly Test<Given>[]): Test<Given> {
  const [only] = tests;
  if (only !== undefined && tests.length === 1) return only;
  return (given) => conjunction(tests, (test) => test(given));
}

/** At least one of the tests holds. */
export function anyOf<Given>(tests: readonly Test<Given>[]): Test<Given> {
  const [only] = tests;
  if (only !== undefined && tests.length === 1) return only;
  return (given) => disjunction(tests, (test) => test(given));
}

/** Kleene's strong conjunction: false as soon as one is false, whatever else is unknown. */
export function conjunction<Item>(items: readonly Item[], truthOf: (item: Item) => Truth): Truth {
  return settle(items, false, truthOf);
}

/** Kleene's strong disjunction: true as soon as one is true, whatever else is unknown. */
export function disjunction<Item>(items: readonly Item[], truthOf: (item: Item) => Truth): Truth {
  return settle(items, true, truthOf);
}

function settle<Item>(
  items: readonly Item[],
  decisive: boolean,
  truthOf: (item: Item) => Truth,
): Truth {
  let truth: Truth = !decisive;
  for (const item of items) {
    const one = truthOf(item);
    if (one === decisive) return one;
    if (one === 'unknown') truth = one;
  }
  return truth;
}

export function negation(truth: Truth): Truth {
  return truth === 'unknown' ? truth : !truth;
}
