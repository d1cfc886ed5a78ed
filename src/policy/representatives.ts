import { addressesAround } from './address-bounds.ts';
import { CALLS, subsets } from './calls.ts';
import { type Aspect, type Comparison, plainOperator } from './comparisons.ts';
import { literalPattern, type TextPattern, textCells, wildcardPattern } from './text-cells.ts';
import type { AspectValue } from './vary.ts';

/** Values of one aspect that stand for all. */
export interface Representatives {
  readonly values: readonly AspectValue[];
  /** Whether they stand for all indeed. */
  readonly isComplete: boolean;
}

/**
 * Values of an aspect so that every outcome which comparisons on it can have together, is had with
 * one of them.
 * @param instants moments at which something ends, beside those that are compared with
 */
export function representatives(
  aspect: Aspect,
  comparisons: readonly Comparison[],
  instants: readonly number[],
): Representatives {
  if (aspect === 'call') {
    return complete(CALLS.map((call): AspectValue => ({ aspect, call })));
  }
  if (aspect === 'address') {
    return complete(addresses(comparisons).map((address): AspectValue => ({ aspect, address })));
  }
  if (aspect === 'time') {
    return complete(times(comparisons, instants).map((time): AspectValue => ({ aspect, time })));
  }
  const { values, isComplete } = claimValues(comparisons);
  return { values: values.map((claim): AspectValue => ({ aspect, claim })), isComplete };
}

function complete(values: readonly AspectValue[]): Representatives {
  return { values, isComplete: true };
}

function addresses(comparisons: readonly Comparison[]): (string | null)[] {
  return [...addressesAround(comparisons.flatMap(({ values }) => texts(values))), null];
}

/** Each moment, and those just beside it: between two of them nothing changes. */
function times(comparisons: readonly Comparison[], instants: readonly number[]): number[] {
  const named = comparisons.flatMap(({ values }) => texts(values).map((text) => Date.parse(text)));
  const all = [...instants, ...named].filter((time) => !Number.isNaN(time));
  return [...new Set(all.flatMap((time) => [time, time - 1, time + 1]))];
}

/** Up to so many texts every list of them is tried. */
const MAX_LISTED = 6;

/** A claim may be anything that JSON has; by its type it is compared or not. */
function claimValues(comparisons: readonly Comparison[]): {
  values: unknown[];
  isComplete: boolean;
} {
  const operands = (type: string) =>
    comparisons.flatMap(({ operator, values }) =>
      plainOperator(operator).operator?.type === type ? values : [],
    );
  const patterns = comparisons.flatMap(patternsOf);
  const found = textCells(patterns, ANY_TEXT);
  const bytes = texts(operands('binary'));
  const strings = [...new Set([...found.texts, ...bytes, ...(bytes.length > 0 ? ['AA=='] : [])])];
  // Without a qualifier all lists are alike: none can be compared.
  const isListed = comparisons.some(({ operator }) => operator.includes(':'));
  const isShort = !isListed || strings.length <= MAX_LISTED;
  const lists = isListed ? listsOf(strings) : [[]];
  return {
    values: [
      ...strings,
      ...numbersAround(operands('number').map(Number)),
      ...(operands('bool').length > 0 ? [true, false] : []),
      undefined,
      null,
      // Present, and comparable with nothing.
      Object.freeze({}),
      ...lists.map((list) => Object.freeze([...list])),
    ],
    isComplete: found.isComplete && isShort,
  };
}

const ANY_TEXT = {
  prefix: '',
  suffix: '',
  filler: 'x0?#',
  isCharacter: () => true,
  mayBegin: () => true,
  mayEnd: () => true,
  maxLength: 256,
};

/** Texts are compared by patterns, of which most mean themselves. */
function patternsOf({ operator, values }: Comparison): TextPattern[] {
  const { name, operator: plain } = plainOperator(operator);
  if (plain?.type !== 'string') return [];
  const pattern = name.endsWith('_like') ? wildcardPattern : literalPattern;
  return texts(values).map((text) => pattern(text, name.endsWith('_ignore_case')));
}

function listsOf(items: readonly string[]): readonly (readonly string[])[] {
  if (items.length <= MAX_LISTED) return subsets(items);
  const pairs = items.flatMap((one, index) => items.slice(index).map((other) => [one, other]));
  return [[], ...pairs, items];
}

/** Each number, one between each two, and one beyond either end. */
function numbersAround(numbers: readonly number[]): number[] {
  const sorted = [...new Set(numbers)].sort((a, b) => a - b);
  const [least, most] = [sorted[0], sorted.at(-1)];
  if (least === undefined || most === undefined) return [];
  const between = sorted.slice(1).map((number, index) => (number + (sorted[index] ?? number)) / 2);
  return [...sorted, ...between, least - 1, most + 1];
}

function texts(values: readonly unknown[]): string[] {
  return values.flatMap((value) => (typeof value === 'string' ? [value] : []));
}
