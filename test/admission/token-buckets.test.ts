import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTokenBuckets, type Rate } from '../../src/admission/token-buckets.ts';

function bucketsWithClock(maxKeys = 1_000) {
  let ms = 1_000_000;
  const buckets = createTokenBuckets({ now: () => new Date(ms), maxKeys });
  const admitted = (key: string, rate: Rate, times: number) =>
    Array.from({ length: times }, () => buckets.take(key, rate)).filter((one) => one.isAdmitted)
      .length;
  const pass = (passedMs: number) => {
    ms += passedMs;
  };
  return { buckets, admitted, pass };
}

const TEN = { requestsPerSecond: 10, burst: 5 };

test('a burst is admitted at once, then the rate', () => {
  const { admitted, pass } = bucketsWithClock();
  expect(admitted('a', TEN, 9)).toBe(5);
  pass(100);
  expect(admitted('a', TEN, 9)).toBe(1);
  pass(60_000);
  expect(admitted('a', TEN, 9)).toBe(5);
});

test('each key has a bucket of its own', () => {
  const { admitted } = bucketsWithClock();
  expect(admitted('a', TEN, 9)).toBe(5);
  expect(admitted('b', TEN, 9)).toBe(5);
});

test('what is left, when to come again and when all is back are told', () => {
  const { buckets, pass } = bucketsWithClock();
  expect(buckets.take('a', TEN)).toEqual({
    isAdmitted: true,
    remaining: 4,
    waitMs: 0,
    fillMs: 100,
  });
  for (let i = 0; i < 4; i++) buckets.take('a', TEN);
  pass(25);
  expect(buckets.take('a', TEN)).toEqual({
    isAdmitted: false,
    remaining: 0,
    waitMs: 75,
    fillMs: 475,
  });
});

test('who comes again when told is admitted', () => {
  const anyRate = fc.record({
    requestsPerSecond: fc.integer({ min: 1, max: 500 }),
    burst: fc.integer({ min: 1, max: 50 }),
  });
  fc.assert(
    fc.property(anyRate, (rate) => {
      const { buckets, admitted, pass } = bucketsWithClock();
      expect(admitted('a', rate, rate.burst * 2)).toBe(rate.burst);
      pass(Math.ceil(buckets.take('a', rate).waitMs));
      expect(buckets.take('a', rate).isAdmitted).toBe(true);
    }),
  );
});

test('any calls at any times are admitted as by a bucket that is filled drop by drop', () => {
  const anyCall = fc.record({ afterMs: fc.nat(300), key: fc.constantFrom('a', 'b') });
  fc.assert(
    fc.property(fc.array(anyCall, { maxLength: 60 }), (calls) => {
      const { buckets, pass } = bucketsWithClock();
      // Ten a second are one drop of a hundredth of a token each millisecond.
      const drops: Record<string, number> = { a: 500, b: 500 };
      for (const { afterMs, key } of calls) {
        pass(afterMs);
        for (const each of ['a', 'b']) drops[each] = Math.min(500, (drops[each] ?? 0) + afterMs);
        const isFull = (drops[key] ?? 0) >= 100;
        expect(buckets.take(key, TEN).isAdmitted).toBe(isFull);
        if (isFull) drops[key] = (drops[key] ?? 0) - 100;
      }
    }),
  );
});

test('a clock that is set back gives nothing and takes nothing', () => {
  const { admitted, pass } = bucketsWithClock();
  expect(admitted('a', TEN, 9)).toBe(5);
  pass(-86_400_000);
  expect(admitted('a', TEN, 9)).toBe(0);
  pass(500);
  expect(admitted('a', TEN, 9)).toBe(5);
});

test('limits that change hold from the next request on', () => {
  const { admitted } = bucketsWithClock();
  expect(admitted('a', { requestsPerSecond: 1, burst: 100 }, 50)).toBe(50);
  expect(admitted('a', { requestsPerSecond: 1, burst: 2 }, 9)).toBe(0);
  expect(admitted('b', { requestsPerSecond: 1, burst: 1 }, 9)).toBe(1);
  expect(admitted('b', { requestsPerSecond: 1, burst: 10 }, 20)).toBe(9);
});

test('a hundred thousand strangers take no more room than is allowed', () => {
  const { buckets, pass } = bucketsWithClock(500);
  for (let i = 0; i < 100_000; i++) {
    buckets.take(`stranger-${i}`, TEN);
    if (i % 1_000 === 0) pass(1);
  }
  expect(buckets.size).toBeLessThanOrEqual(500);
});

test('buckets that are full again are forgotten', () => {
  const { buckets, pass } = bucketsWithClock(10_000);
  for (let i = 0; i < 5_000; i++) buckets.take(`visitor-${i}`, TEN);
  expect(buckets.size).toBe(5_000);
  pass(60_000);
  for (let i = 0; i < 5_000; i++) buckets.take('resident', TEN);
  expect(buckets.size).toBe(1);
});
