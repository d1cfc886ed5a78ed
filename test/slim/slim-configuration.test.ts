import { expect, test } from 'vitest';
import {
  canonicalConfiguration,
  etagOf,
  SLIM_CONFIGURATIONS,
  SLIM_MODES,
  SLIM_SUFFIXES,
  type SlimState,
} from '../../src/slim/slim-configuration.ts';

const subsets = <T>(items: readonly T[]) =>
  Array.from({ length: 2 ** items.length }, (_, bits) =>
    items.filter((_, index) => bits & (1 << index)),
  );

test('of all pairs of modes and suffixes exactly 15 are a configuration', () => {
  const pairs = subsets(SLIM_MODES).flatMap((modes) =>
    subsets(SLIM_SUFFIXES).map((suffixes) => ({ modes, suffixes })),
  );
  const legal = pairs.filter(({ modes, suffixes }) => {
    try {
      return canonicalConfiguration(modes, suffixes) !== undefined;
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError);
      return false;
    }
  });
  expect(pairs).toHaveLength(32);
  expect(legal).toHaveLength(15);
  expect(legal).toEqual(
    pairs.filter(
      ({ modes, suffixes }) => modes.length > 0 && modes.includes('Auto') === suffixes.length > 0,
    ),
  );
});

test('equal configurations are one object, whatever their order and repeats', () => {
  const canonical = canonicalConfiguration(['Auto', 'API'], ['jpg', 'png']);
  expect(canonicalConfiguration(['API', 'Auto', 'API'], ['png', 'jpg', 'png'])).toBe(canonical);
  expect(canonical).toEqual({ modes: ['Auto', 'API'], suffixes: ['jpg', 'png'] });
  expect(Object.isFrozen(canonical)).toBe(true);
  expect(SLIM_CONFIGURATIONS).toContain(canonical);
});

test('an entity tag is equal exactly for equal states', () => {
  const states: SlimState[] = subsets(SLIM_MODES).flatMap((modes) =>
    subsets(SLIM_SUFFIXES).flatMap((suffixes) =>
      (['on', 'off'] as const).map((status) => ({ status, modes, suffixes })),
    ),
  );
  const tags = states.map(etagOf);
  expect(new Set(tags).size).toBe(states.length);
  expect(tags).toEqual(states.map((state) => etagOf(structuredClone(state))));
  for (const tag of tags) expect(tag).toMatch(/^[A-Za-z0-9_-]{22}$/);
});
