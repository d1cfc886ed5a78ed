/** The same numbers for the same seed, 0 to 1. Source: Mulberry32, public domain. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const LATTICE = 64;

/** A smooth random field, -1 to 1: octaves of value noise whose strength falls with frequency. */
export function noiseField(seed: number, { octaves, fall }: { octaves: number; fall: number }) {
  const random = randomFrom(seed);
  const lattice = Float32Array.from({ length: LATTICE * LATTICE }, () => 2 * random() - 1);
  const at = (x: number, y: number) =>
    lattice[(y & (LATTICE - 1)) * LATTICE + (x & (LATTICE - 1))] ?? 0;
  const single = (x: number, y: number) => {
    const [left, top] = [Math.floor(x), Math.floor(y)];
    const [u, v] = [eased(x - left), eased(y - top)];
    const above = at(left, top) * (1 - u) + at(left + 1, top) * u;
    const below = at(left, top + 1) * (1 - u) + at(left + 1, top + 1) * u;
    return above * (1 - v) + below * v;
  };
  return (x: number, y: number): number => {
    let sum = 0;
    let strength = 1;
    let total = 0;
    for (let octave = 0; octave < octaves; octave += 1) {
      sum += strength * single(x * 2 ** octave + 17 * octave, y * 2 ** octave + 31 * octave);
      total += strength;
      strength *= fall;
    }
    return sum / total;
  };
}

function eased(t: number): number {
  return t * t * (3 - 2 * t);
}

/** About normally distributed, mean 0, deviation 1. */
export function normalFrom(random: () => number): () => number {
  return () => (random() + random() + random() + random() - 2) * Math.sqrt(3);
}
