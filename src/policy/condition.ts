import { type ConditionKey, findConditionKey } from './condition-key.ts';
import type { ContextValues } from './context.ts';
import { OPERATORS, type Operator } from './operators.ts';
import { listEntries, quoted, type Report, under } from './report.ts';
import { allOf, anyOf, conjunction, disjunction, type Test, type Truth } from './truth.ts';

/** A condition of a statement, compiled: what it answers to the context of one request. */
export type Condition = Test<ContextValues>;

type Qualifier = (test: Test<unknown>, set: readonly string[]) => Truth;

/**
 * How a comparison is put to a key that may hold several values. An empty set satisfies neither
 * (for `for_all_value` unconfirmed upstream).
 * Source: CAM documentation, "Condition operators", qualifiers.
 */
export const QUALIFIERS: ReadonlyMap<string, Qualifier> = new Map<string, Qualifier>([
  ['for_any_value', (test, set) => disjunction(set, test)],
  ['for_all_value', (test, set) => set.length > 0 && conjunction(set, test)],
]);

/** Qualifier, operator and suffix; each part is looked up, so that a wrong one can be named. */
const NAME = /^(?:([^:]*):)?(.*?)(_if_exist)?$/s;

interface NamedOperator {
  readonly name: string;
  readonly operator: Operator;
  readonly qualifier: Qualifier | null;
  /** The suffix `_if_exist`: a key that is missing satisfies it. */
  readonly isMetWithoutKey: boolean;
}

/**
 * Compile the condition of a statement: several values of a key are alternatives; all keys of all
 * operators must hold.
 * Source: CAM documentation, "Condition operators".
 * @param report takes everything that is wrong; then what is returned must not be used
 */
export function compileCondition(condition: unknown, report: Report): Condition {
  const tests = membersOf(condition, 'operators', report).flatMap(([name, keys]) => {
    const below = under(report, name);
    const named = parseOperatorName(name);
    if (typeof named !== 'string') return compileKeys(named, keys, below);
    below('', named);
    return [];
  });
  return allOf(tests);
}

/** The members of an object that must have some; a list, a text or nothing is none. */
function membersOf(value: unknown, what: string, report: Report): [string, unknown][] {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  const members = isObject ? Object.entries(value) : [];
  if (members.length === 0) report('', `must be an object of ${what} that is not empty`);
  return members;
}

function parseOperatorName(text: string): NamedOperator | string {
  const [, qualifierName, name = '', suffix] = NAME.exec(text) ?? [];
  const operator = OPERATORS.get(name);
  if (operator === undefined) {
    return `there is no operator \`${name}\`; there are ${quoted(OPERATORS.keys())}`;
  }
  const qualifier = qualifierName === undefined ? null : QUALIFIERS.get(qualifierName);
  if (qualifier === undefined) {
    return `there is no qualifier \`${qualifierName}\`; there are ${quoted(QUALIFIERS.keys())}`;
  }
  if (operator.type === 'any' && (qualifier !== null || suffix !== undefined)) {
    return `\`${name}\` takes neither a qualifier nor \`_if_exist\``;
  }
  return { name, operator, qualifier, isMetWithoutKey: suffix !== undefined };
}

function compileKeys(named: NamedOperator, keys: unknown, report: Report): Condition[] {
  return membersOf(keys, 'condition keys', report).flatMap(([name, values]) => {
    const below = under(report, name);
    const key = findConditionKey(name);
    const fault = typeof key === 'string' ? key : misuseOf(named, key);
    if (typeof key !== 'string' && fault === null) {
      return [compileComparison({ named, key, values }, below)];
    }
    below('', fault ?? '');
    return [];
  });
}

/** Why an operator and a key do not go together. */
function misuseOf({ name, operator, qualifier }: NamedOperator, key: ConditionKey): string | null {
  const { type } = operator;
  if (type === 'any') return null;
  if (!key.types.includes(type)) {
    return `holds ${key.types.join(' or ')}, and \`${name}\` compares ${type}`;
  }
  if (!key.isSet || qualifier !== null) return null;
  const qualified = [...QUALIFIERS.keys()].map((word) => `${word}:${name}`);
  return `can hold several values; write ${quoted(qualified)}`;
}

interface Comparison {
  readonly named: NamedOperator;
  readonly key: ConditionKey;
  readonly values: unknown;
}

function compileComparison({ named, key, values }: Comparison, report: Report): Condition {
  const { qualifier, isMetWithoutKey } = named;
  const matches = anyOf(compileValues({ named, key, values }, report));
  const compare: Test<unknown> =
    qualifier === null
      ? matches
      : (given) => (isSet(given) ? qualifier(matches, given) : matches(given));
  return (context) => {
    const given = key.read(context);
    return given === undefined && isMetWithoutKey ? true : compare(given);
  };
}

function compileValues({ named, key, values }: Comparison, report: Report): Test<unknown>[] {
  const { name, operator } = named;
  const entries = listEntries(values);
  if (entries.length === 0) report('', 'must not be an empty list');
  if (entries.length > 1 && (operator.isNegative || operator.type === 'any')) {
    report('', `\`${name}\` takes one value: what several mean is not documented`);
  }
  return entries.flatMap(([path, value]) => {
    const test = operator.compile(value);
    const fault = typeof test === 'string' ? test : strangeWord(test, operator, key);
    if (typeof test !== 'string' && fault === null) return [test];
    report(path, `${shown(value)}${fault}`);
    return [];
  });
}

/** A key with a closed list of words is never compared with another: a deny would not bite. */
function strangeWord(test: Test<unknown>, operator: Operator, key: ConditionKey): string | null {
  if (key.words === null || operator.type === 'any') return null;
  if (key.words.some((word) => test(word) === !operator.isNegative)) return null;
  return `is none of ${quoted(key.words)}`;
}

function shown(value: unknown): string {
  return typeof value === 'string' ? `\`${value}\`: ` : '';
}

/** A set is a list of texts; a claim may be another list, which cannot be compared. */
function isSet(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
