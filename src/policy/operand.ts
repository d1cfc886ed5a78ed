import { type Address, type Network, parseNetwork } from '../ip-address.ts';
import { INSTANT_FORM, parseInstant } from './instant.ts';
import type { Wildcard } from './wildcard.ts';

/** What an operator compares, and so what its keys must hold; `any`: only whether there is one. */
export type ValueType = 'string' | 'number' | 'date' | 'bool' | 'binary' | 'ip' | 'any';

/** Both sides of a comparison: the value of a policy, parsed at load, and the request's. */
export interface Operand<Wanted, Given> {
  readonly type: ValueType;
  /** @returns the parsed value, or what is wrong with it */
  readonly parse: (value: unknown) => { readonly wanted: Wanted } | string;
  /** Whether a value of the request can be compared at all. */
  readonly isGiven: (value: unknown) => value is Given;
}

const isText = (value: unknown): value is string => typeof value === 'string';
/** A token may carry `1e999`, which is read as infinity. */
const isFiniteNumber = (value: unknown): value is number => Number.isFinite(value);

export const TEXT: Operand<string, string> = {
  type: 'string',
  parse: (value) => (isText(value) ? { wanted: value } : 'must be a text; put it in quotes'),
  isGiven: isText,
};

/** Texts that are compared without regard to the case of the letters A to Z. */
export const FOLDED_TEXT: Operand<string, string> = {
  ...TEXT,
  parse: (value) => {
    if (!isText(value)) return TEXT.parse(value);
    // Beyond ASCII, case depends on language and version; a deny that misses one must not load.
    if (!/^[ -~]*$/.test(value))
      return 'must be ASCII, because only A to Z have their case ignored';
    return { wanted: foldCase(value) };
  },
};

export function foldCase(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

export const PATTERN: Operand<Wildcard, string> = {
  ...TEXT,
  parse: (value) => {
    if (!isText(value)) return 'must be a text; put it in quotes';
    if (value.includes('?')) return 'must not contain `?`: only `*` is documented as a wildcard';
    return { wanted: value };
  },
};

export const NUMBER: Operand<number, number> = {
  type: 'number',
  parse: (value) => {
    const isNumeral = isText(value) && /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$/.test(value);
    const number = isNumeral ? Number(value) : value;
    if (!isFiniteNumber(number)) return 'must be a number';
    if (Math.abs(number) > Number.MAX_SAFE_INTEGER) return 'must be at most 9007199254740991';
    return { wanted: number };
  },
  isGiven: isFiniteNumber,
};

/** On both sides Unix milliseconds. */
export const DATE: Operand<number, number> = {
  type: 'date',
  parse: (value) => {
    const wanted = isText(value) ? parseInstant(value) : null;
    return wanted === null ? INSTANT_FORM : { wanted };
  },
  isGiven: isFiniteNumber,
};

const BOOLEANS: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  [true, true],
  ['true', true],
  [false, false],
  ['false', false],
]);

export const BOOL: Operand<boolean, boolean> = {
  type: 'bool',
  parse: (value) => {
    const wanted = BOOLEANS.get(value);
    return wanted === undefined ? 'must be `true` or `false`' : { wanted };
  },
  isGiven: (value) => typeof value === 'boolean',
};

/** Bytes, on both sides as base64 in its one canonical form. */
export const BINARY: Operand<string, string> = {
  type: 'binary',
  parse: (value) => (isBase64(value) ? { wanted: value } : 'must be bytes in base64, with padding'),
  isGiven: isBase64,
};

function isBase64(value: unknown): value is string {
  return isText(value) && Buffer.from(value, 'base64').toString('base64') === value;
}

export const NETWORK: Operand<Network, Address> = {
  type: 'ip',
  parse: (value) => {
    const wanted = isText(value) ? parseNetwork(value) : 'must be a text; put it in quotes';
    return isText(wanted) ? wanted : { wanted };
  },
  isGiven: (value) => value instanceof Uint16Array,
};

/** Whether a key is missing; of nothing (JSON's `null`) it stays open. */
export const PRESENCE: Operand<boolean, unknown> = {
  ...BOOL,
  type: 'any',
  isGiven: (value): value is unknown => value !== null,
};
