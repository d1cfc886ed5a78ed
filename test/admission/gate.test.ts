import { expect, test } from 'vitest';
import { createGate } from '../../src/admission/gate.ts';
import { burstOf, limitsOf } from '../../src/admission/limits.ts';

const DEFAULTS = { requestsPerSecond: 100, burst: 300, concurrentRequests: 8 };

test.each([
  ['nothing', {}, DEFAULTS],
  ['a rate', { requestsPerSecond: 5 }, { ...DEFAULTS, requestsPerSecond: 5, burst: 10 }],
  ['a slow rate', { requestsPerSecond: 0.1 }, { ...DEFAULTS, requestsPerSecond: 0.1, burst: 1 }],
  ['a burst', { burst: 7 }, { ...DEFAULTS, burst: 7 }],
  ['places', { concurrentRequests: 1 }, { ...DEFAULTS, concurrentRequests: 1 }],
])('a tenant of whom %s is written has the rest from the defaults', (_, written, limits) => {
  expect(limitsOf(written, DEFAULTS)).toEqual(limits);
});

test('a burst that is not written is twice the rate, and one at least', () => {
  expect([0.01, 0.5, 0.6, 200].map(burstOf)).toEqual([1, 1, 2, 400]);
});

const limits = { requestsPerSecond: 1, burst: 10, concurrentRequests: 2 };

function gateWithClock() {
  let ms = 0;
  const gate = createGate({ now: () => new Date(ms), maxKeys: 100 });
  return {
    gate,
    pass: (passedMs: number) => {
      ms += passedMs;
    },
  };
}

test('who has all of its places is refused until it leaves one, and others are not', () => {
  const { gate } = gateWithClock();
  const first = gate.enter('a', limits);
  gate.enter('a', limits);
  expect(gate.enter('a', limits)).toMatchObject({ refusedBy: 'concurrency', retryAfterSeconds: 1 });
  expect(gate.enter('b', limits).refusedBy).toBeNull();
  first.leave();
  expect(gate.enter('a', limits).refusedBy).toBeNull();
});

test('what its rate refuses takes no place', () => {
  const { gate, pass } = gateWithClock();
  const one = { ...limits, burst: 1 };
  const first = gate.enter('a', one);
  for (let i = 0; i < 5; i++) {
    const refused = gate.enter('a', one);
    expect(refused).toMatchObject({ refusedBy: 'rate', retryAfterSeconds: 1, remaining: 0 });
    refused.leave();
  }
  pass(1_000);
  expect(gate.enter('a', one).refusedBy).toBeNull();
  pass(1_000);
  expect(gate.enter('a', one).refusedBy).toBe('concurrency');
  first.leave();
});

test('the quota is told in whole numbers that a client can keep to', () => {
  const { gate } = gateWithClock();
  const slow = { requestsPerSecond: 0.4, burst: 3, concurrentRequests: 9 };
  expect(gate.enter('a', slow)).toMatchObject({
    quota: 3,
    windowSeconds: 8,
    remaining: 2,
    resetSeconds: 3,
  });
});
