import { slotOf, slotsFor } from './key-counts.ts';

/** Where the items of one key stand in a list: its first ones, then its others. */
export interface Run {
  readonly start: number;
  readonly middle: number;
  readonly end: number;
}

/**
 * Where the items of each key stand in a list. Keys and runs stand side by side in one array, so
 * that no key is an object: to look for one is to read one place in memory, however long the list,
 * and the next ones where others wanted that place too.
 */
export type Runs = Int32Array;

/** The numbers of a slot: its key, and the run. An end of 0: it is empty. */
const KEY = 0;
const START = 1;
const MIDDLE = 2;
const END = 3;
const SLOT = 4;

/** How to sort a list so that the items of each key stand together. */
export interface Sorting {
  readonly runs: Runs;
  /** The number of the item for each place. */
  readonly order: Int32Array;
}

/** Sort items by their keys; those of one key in their order, the first ones before the others. */
export function sortByKey(keys: Int32Array, isFirst: (item: number) => boolean): Sorting {
  const runs = new Int32Array(SLOT * slotsFor(keys.length));
  const places = keys.map((key, item) => {
    const place = placeOf(runs, key);
    runs[place + KEY] = key;
    increment(runs, place + END);
    if (isFirst(item)) increment(runs, place + MIDDLE);
    return place;
  });
  layOut(runs);
  const next = runs.slice();
  const order = new Int32Array(keys.length);
  for (let item = 0; item < places.length; item += 1) {
    const half = at(places, item) + (isFirst(item) ? START : MIDDLE);
    order[at(next, half)] = item;
    increment(next, half);
  }
  return { runs, order };
}

/** @returns null when no item has the key */
export function findRun(runs: Runs, key: number): Run | null {
  const place = placeOf(runs, key);
  const end = at(runs, place + END);
  return end === 0
    ? null
    : { start: at(runs, place + START), middle: at(runs, place + MIDDLE), end };
}

/** Make runs of the counts of all items and of the first ones. */
function layOut(runs: Runs): void {
  let start = 0;
  for (let place = 0; place < runs.length; place += SLOT) {
    const count = at(runs, place + END);
    if (count === 0) continue;
    runs[place + START] = start;
    runs[place + MIDDLE] = start + at(runs, place + MIDDLE);
    start += count;
    runs[place + END] = start;
  }
}

/** Where a key stands, or the empty slot where it would; one in two is empty, so a search ends. */
function placeOf(runs: Runs, key: number): number {
  let place = slotOf(key, runs.length / SLOT) * SLOT;
  while (at(runs, place + END) !== 0 && at(runs, place + KEY) !== key) {
    place = (place + SLOT) % runs.length;
  }
  return place;
}

function at(numbers: Int32Array, index: number): number {
  return numbers[index] ?? 0;
}

function increment(numbers: Int32Array, index: number): void {
  numbers[index] = at(numbers, index) + 1;
}
