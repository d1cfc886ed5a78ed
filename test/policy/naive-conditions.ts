import { glob } from './naive-glob.ts';

/**
 * Conditions, for the naive evaluator. Where it is not known whether a comparison holds, it is
 * worked out twice: once as if it failed and once as if it held. What comes out true either way is
 * certain; what comes out true at least once is possible. There is no third truth value here.
 */

/** What is known of a request, as plain texts. */
export interface Facts {
  ip: string | null;
  /** Like `2026-06-01T00:00:00.000Z`. */
  at: string;
  operation: string;
  modes: readonly string[] | null;
  suffixes: readonly string[] | null;
  claims: Record<string, unknown>;
}

type NaiveCondition = Record<string, Record<string, unknown>>;

export function certainly(condition: NaiveCondition | undefined, facts: Facts): boolean {
  return holds(condition ?? {}, facts, false);
}

export function possibly(condition: NaiveCondition | undefined, facts: Facts): boolean {
  return holds(condition ?? {}, facts, true);
}

function holds(condition: NaiveCondition, facts: Facts, doubt: boolean): boolean {
  for (const [operator, keys] of Object.entries(condition)) {
    for (const [key, values] of Object.entries(keys)) {
      const question = { operator, wanted: [values].flat(), doubt };
      if (!holdsForKey(question, factOf(key, facts))) return false;
    }
  }
  return true;
}

/** Undefined: the request does not have it. */
function factOf(key: string, facts: Facts): unknown {
  const { ip, at, operation, modes, suffixes, claims } = facts;
  const claim = /^slimgate:claim\/(.+)$/.exec(key)?.[1];
  if (claim !== undefined) return Object.entries(claims).find(([name]) => name === claim)?.[1];
  const values: Record<string, unknown> = {
    'qcs:ip': ip ?? undefined,
    'qcs:current_time': at,
    'slimgate:operation': operation,
    'slimgate:mode': modes ?? undefined,
    'slimgate:suffix': suffixes ?? undefined,
  };
  if (!(key in values)) throw new Error(`the naive evaluator does not know ${key}`);
  return values[key];
}

interface NaiveQuestion {
  operator: string;
  wanted: unknown[];
  doubt: boolean;
}

function holdsForKey({ operator, wanted, doubt }: NaiveQuestion, given: unknown): boolean {
  if (operator === 'null_equal') {
    if (given === null) return doubt;
    return String(wanted[0]) === (given === undefined ? 'true' : 'false');
  }
  if (given === undefined) return operator.endsWith('_if_exist') || doubt;
  const bare = operator.replace(/^for_(?:any|all)_value:/, '').replace(/_if_exist$/, '');
  const fits = (one: unknown) => wanted.some((value) => compare(bare, one, value) ?? doubt);
  const isListOfTexts = Array.isArray(given) && given.every((item) => typeof item === 'string');
  const set = isListOfTexts ? given : [given];
  if (operator.startsWith('for_any_value:')) return set.some(fits);
  if (operator.startsWith('for_all_value:')) return set.length > 0 && set.every(fits);
  return fits(given);
}

/** Undefined: the two cannot be compared. */
function compare(operator: string, given: unknown, wanted: unknown): boolean | undefined {
  if (operator.includes('_not_')) {
    const positive = compare(operator.replace('_not_', '_'), given, wanted);
    return positive === undefined ? undefined : !positive;
  }
  const [, family = '', relation = ''] = /^([a-z]+)_(.*)$/.exec(operator) ?? [];
  if (!isOfFamily(family, given)) return undefined;
  const [left, right] = [comparable(family, String(given)), comparable(family, String(wanted))];
  if (family === 'ip') return left.startsWith(right);
  if (relation === 'like') return glob(right, left);
  if (relation === 'equal_ignore_case') return lower(left) === lower(right);
  if (family === 'numeric') return ordered(relation, Number(left) - Number(right));
  return ordered(relation, left < right ? -1 : Number(left > right));
}

function ordered(relation: string, difference: number): boolean {
  if (difference === 0) return relation.endsWith('equal');
  if (relation.startsWith('greater')) return difference > 0;
  return relation.startsWith('less') && difference < 0;
}

function isOfFamily(family: string, given: unknown): boolean {
  if (family === 'numeric') return typeof given === 'number' && Math.abs(given) < 1 / 0;
  if (family === 'bool') return typeof given === 'boolean';
  if (typeof given !== 'string') return false;
  return family !== 'binary' || isBase64(given);
}

/** A value in a form in which texts compare as the values do. */
function comparable(family: string, text: string): string {
  if (family === 'date') return `${text.replace(/\D/g, '')}000`.slice(0, 17);
  return family === 'ip' ? bits(text) : text;
}

/** `v4` or `v6` and the bits of an address, or as many as a block fixes. */
function bits(text: string): string {
  const [address = '', mask] = text.split('/');
  const all = address.includes(':') ? bitsOfSix(address) : bitsOfFour(address);
  const kept = mask === undefined ? all : all.slice(0, Number(mask));
  const mapped = '0'.repeat(80) + '1'.repeat(16);
  if (kept.startsWith(mapped)) return `v4 ${kept.slice(96)}`;
  return `${address.includes(':') ? 'v6' : 'v4'} ${kept}`;
}

function bitsOfFour(address: string): string {
  return address
    .split('.')
    .map((part) => Number(part).toString(2).padStart(8, '0'))
    .join('');
}

function bitsOfSix(address: string): string {
  const hex = address.replace(/[0-9]+\.[0-9.]+$/, (four) => {
    const value = Number.parseInt(bitsOfFour(four), 2);
    return `${Math.floor(value / 65536).toString(16)}:${(value % 65536).toString(16)}`;
  });
  const [before = [], after = []] = hex
    .split('::')
    .map((side) => side.split(':').filter((group) => group !== ''));
  const missing = Array(8 - before.length - after.length).fill('0');
  return [...before, ...missing, ...after]
    .map((group) => Number.parseInt(group, 16).toString(2).padStart(16, '0'))
    .join('');
}

function lower(text: string): string {
  return [...text]
    .map((letter) => (letter >= 'A' && letter <= 'Z' ? letter.toLowerCase() : letter))
    .join('');
}

function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text) && btoa(atob(text)) === text;
}
