import { type Condition, compileCondition } from './condition.ts';
import { CLAIM_PREFIX } from './condition-key.ts';
import { OPERATORS, type Operator } from './operators.ts';
import { listEntries } from './report.ts';
import type { Statement } from './statement.ts';

/** What of a request a condition key looks at; keys of one aspect can only be varied together. */
export type Aspect = 'call' | 'address' | 'time' | `claim ${string}`;

/** One operator with one key and its values: the part of a condition that holds or fails alone. */
export interface Comparison {
  /** As written, with qualifier and suffix. */
  readonly operator: string;
  readonly key: string;
  readonly values: readonly unknown[];
  readonly aspect: Aspect;
  readonly test: Condition;
}

/** The comparisons of a statement's condition, in their order: all of them must hold. */
export function comparisonsOf({ writtenCondition }: Statement): readonly Comparison[] {
  return Object.entries(writtenCondition ?? {}).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => ({
      operator,
      key,
      values: listEntries(values).map(([, value]) => value),
      aspect: aspectOf(key),
      // It compiled when the table was loaded.
      test: compileCondition({ [operator]: { [key]: values } }, () => {}),
    })),
  );
}

/** The operator of a comparison without qualifier and suffix. */
export function plainOperator(name: string): { name: string; operator: Operator | undefined } {
  const plain = name.replace(/^[^:]*:/, '').replace(/_if_exist$/, '');
  return { name: plain, operator: OPERATORS.get(plain) };
}

const ASPECTS: ReadonlyMap<string, Aspect> = new Map([
  ['qcs:ip', 'address'],
  ['qcs:current_time', 'time'],
]);

function aspectOf(key: string): Aspect {
  if (key.startsWith(CLAIM_PREFIX)) return `claim ${key.slice(CLAIM_PREFIX.length)}`;
  return ASPECTS.get(key) ?? 'call';
}
