/** How often each key was seen. */
export interface KeyCounts {
  add(key: number): void;
  countOf(key: number): number;
}

/** The numbers of a slot: a key, and how often it was seen. 0 times: it is empty. */
const KEY = 0;
const COUNT = 1;
const SLOT = 2;

/** Count keys in one array that grows with them: no key is an object. */
export function countKeys(): KeyCounts {
  let counts = new Int32Array(SLOT * slotsFor(0));
  let keys = 0;
  const grow = () => {
    const old = counts;
    counts = new Int32Array(2 * old.length);
    for (let place = 0; place < old.length; place += SLOT) {
      if (old[place + COUNT] === 0) continue;
      const moved = placeOf(counts, old[place + KEY] ?? 0);
      counts.set(old.subarray(place, place + SLOT), moved);
    }
  };
  return {
    countOf: (key) => counts[placeOf(counts, key) + COUNT] ?? 0,
    add: (key) => {
      const place = placeOf(counts, key);
      const count = counts[place + COUNT] ?? 0;
      counts[place + KEY] = key;
      counts[place + COUNT] = count + 1;
      if (count > 0) return;
      keys += 1;
      if (slotsFor(keys) * SLOT > counts.length) grow();
    },
  };
}

/** Where a key stands, or the empty slot where it would. */
function placeOf(counts: Int32Array, key: number): number {
  let place = slotOf(key, counts.length / SLOT) * SLOT;
  while (counts[place + COUNT] !== 0 && counts[place + KEY] !== key) {
    place = (place + SLOT) % counts.length;
  }
  return place;
}

/** A power of two, and twice as many slots as keys at least, so that a search soon ends. */
export function slotsFor(keys: number): number {
  return 2 ** Math.ceil(Math.log2(2 * keys + 2));
}

/** Where a search begins: the golden ratio spreads keys that differ little over all slots. */
export function slotOf(key: number, slots: number): number {
  return Math.imul(key, 0x9e3779b1) >>> Math.clz32(slots - 1);
}
