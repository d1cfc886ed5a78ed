import { isInNetwork } from '../ip-address.ts';
import {
  BINARY,
  BOOL,
  DATE,
  FOLDED_TEXT,
  foldCase,
  NETWORK,
  NUMBER,
  type Operand,
  PATTERN,
  PRESENCE,
  TEXT,
  type ValueType,
} from './operand.ts';
import { negation, type Test } from './truth.ts';
import { matchWildcard } from './wildcard.ts';

/** A condition operator. */
export interface Operator {
  readonly type: ValueType;
  /** Whether it holds where another one fails: then several values have no agreed meaning. */
  readonly isNegative: boolean;
  /**
   * Compile one value of a policy. What comes out answers `unknown` for a value of the request that
   * is missing (undefined) or of another type.
   * @returns the comparison, or what is wrong with the value
   */
  readonly compile: (value: unknown) => Test<unknown> | string;
}

/** The operators, one a row. Source: CAM documentation, "Condition operators". */
export const OPERATORS: ReadonlyMap<string, Operator> = new Map([
  ...withNegative('string_equal', 'string_not_equal', operator(TEXT, same)),
  ...withNegative(
    'string_equal_ignore_case',
    'string_not_equal_ignore_case',
    operator(FOLDED_TEXT, (given, wanted) => foldCase(given) === wanted),
  ),
  ...withNegative(
    'string_like',
    'string_not_like',
    operator(PATTERN, (given, wanted) => matchWildcard(wanted, given)),
  ),
  ...withNegative('numeric_equal', 'numeric_not_equal', operator(NUMBER, same)),
  ...ordered('numeric', NUMBER),
  ...withNegative('date_equal', 'date_not_equal', operator(DATE, same)),
  ...ordered('date', DATE),
  ['bool_equal', operator(BOOL, same)],
  ['binary_equal', operator(BINARY, same)],
  ...withNegative('ip_equal', 'ip_not_equal', operator(NETWORK, isInNetwork)),
  ['null_equal', operator(PRESENCE, (given, wanted) => (given === undefined) === wanted)],
]);

type Rows = readonly (readonly [string, Operator])[];

function operator<Wanted, Given>(
  { type, parse, isGiven }: Operand<Wanted, Given>,
  compare: (given: Given, wanted: Wanted) => boolean,
): Operator {
  return {
    type,
    isNegative: false,
    compile: (value) => {
      const parsed = parse(value);
      if (typeof parsed === 'string') return parsed;
      const { wanted } = parsed;
      return (given) => (isGiven(given) ? compare(given, wanted) : 'unknown');
    },
  };
}

function withNegative(name: string, negativeName: string, positive: Operator): Rows {
  const negative: Operator = {
    type: positive.type,
    isNegative: true,
    compile: (value) => {
      const test = positive.compile(value);
      return typeof test === 'string' ? test : (given) => negation(test(given));
    },
  };
  return [
    [name, positive],
    [negativeName, negative],
  ];
}

function ordered(prefix: string, operand: Operand<number, number>): Rows {
  return [
    [`${prefix}_greater_than`, operator(operand, (given, wanted) => given > wanted)],
    [`${prefix}_greater_than_equal`, operator(operand, (given, wanted) => given >= wanted)],
    [`${prefix}_less_than`, operator(operand, (given, wanted) => given < wanted)],
    [`${prefix}_less_than_equal`, operator(operand, (given, wanted) => given <= wanted)],
  ];
}

function same<Value>(given: Value, wanted: Value): boolean {
  return given === wanted;
}
