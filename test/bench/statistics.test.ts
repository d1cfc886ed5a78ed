import { expect, test } from 'vitest';
import { median, percentile } from '../../bench/statistics.ts';

const hundred = Array.from({ length: 100 }, (_, index) => index + 1);

test.each([
  { name: 'the middle of a hundred', values: hundred, share: 0.5, expected: 50 },
  { name: 'the tail of a hundred', values: hundred, share: 0.99, expected: 99 },
  { name: 'the tail of a few is the largest', values: [1, 2, 3], share: 0.99, expected: 3 },
  { name: 'one value is every percentile', values: [7], share: 0.5, expected: 7 },
])('percentile: $name', ({ values, share, expected }) => {
  expect(percentile(values, share)).toBe(expected);
});

test.each([
  { name: 'odd count, any order', values: [9, 1, 5], expected: 5 },
  { name: 'even count: the mean of the two in the middle', values: [4, 1, 2, 9], expected: 3 },
  { name: 'none', values: [], expected: Number.NaN },
])('median: $name', ({ values, expected }) => {
  expect(median(values)).toBe(expected);
});
