import { expect, test } from 'vitest';
import { createOutages, type OutageSettings } from '../../src/upstream/outages.ts';

const A = 'a-1250000000.pic.ap-shanghai.myqcloud.com';
const B = 'b-1250000000.pic.ap-shanghai.myqcloud.com';
const C = 'c-1250000000.pic.ap-shanghai.myqcloud.com';
const ELSEWHERE = 'a-1250000000.pic.ap-guangzhou.myqcloud.com';
const SHANGHAI = 'pic.ap-shanghai.myqcloud.com';

/** Outages with a clock that stands still until it is moved, and all that they told. */
function start(settings: Partial<OutageSettings> = {}) {
  let time = Date.UTC(2026, 0, 1);
  const told: string[] = [];
  const outages = createOutages({
    failures: 10,
    pauseMs: 5_000,
    ...settings,
    now: () => new Date(time),
    onChange: ({ scope, host }, state) => told.push(`${scope} ${host} ${state}`),
  });
  const pass = (ms: number) => {
    time += ms;
  };
  /** Failures on hosts in turn, a quarter of a second apart. */
  const fail = (hosts: readonly string[], count: number) => {
    for (let i = 0; i < count; i += 1) {
      outages.observe(hosts[i % hosts.length] ?? '', true);
      pass(250);
    }
  };
  return { outages, told, pass, fail };
}

const refused = (retryAfter: string) =>
  expect.objectContaining({
    code: 'upstream-unavailable',
    headers: { 'retry-after': retryAfter },
  });

test('a bucket that fails ten times in a row is left alone, and others are not', () => {
  const { outages, told, fail } = start();
  fail([A], 9);
  expect(() => outages.enter(A)).not.toThrow();
  fail([A], 1);
  expect(() => outages.enter(A)).toThrow(refused('5'));
  for (const other of [B, ELSEWHERE]) expect(() => outages.enter(other)).not.toThrow();
  expect(told).toEqual([`bucket ${A} begun`]);
});

test('a region in which several buckets fail and none answers is left alone', () => {
  const { outages, told, fail } = start();
  fail([A, B], 20);
  expect(() => outages.enter(C), 'two buckets are no region').not.toThrow();
  fail([C], 1);
  expect(() => outages.enter('d-1250000000.pic.ap-shanghai.myqcloud.com')).toThrow(refused('5'));
  expect(() => outages.enter(ELSEWHERE)).not.toThrow();
  expect(told).toContain(`region ${SHANGHAI} begun`);
  expect(outages.list()).toHaveLength(3);
});

test('a region that answers anybody has no outage, however many fail', () => {
  const { outages, told } = start();
  for (let i = 0; i < 500; i += 1) {
    outages.observe(`bucket-${i}-1250000000.${SHANGHAI}`, true);
    if (i % 20 === 0) outages.observe(A, false);
  }
  expect(told).toEqual([]);
});

test('failures at one moment are no run: they may have one short cause', () => {
  const { outages, told } = start();
  for (let i = 0; i < 100; i += 1) outages.observe(A, true);
  expect(told).toEqual([]);
});

test('failures that lie far apart are no run', () => {
  const { outages, told, pass } = start();
  for (let i = 0; i < 100; i += 1) {
    outages.observe(A, true);
    pass(31_000);
  }
  expect(told).toEqual([]);
});

test('after the pause one call at a time may find out', () => {
  const { outages, fail, pass } = start();
  fail([A], 10);
  pass(4_000);
  expect(() => outages.enter(A), 'what is left of the pause').toThrow(refused('1'));
  pass(1_000);
  const leave = outages.enter(A);
  expect(() => outages.enter(A)).toThrow(refused('1'));
  leave();
  expect(() => outages.enter(A), 'one that was not sent gives its try back').not.toThrow();
});

test('a try that fails begins another pause', () => {
  const { outages, told, fail, pass } = start();
  fail([A], 10);
  pass(5_000);
  const leave = outages.enter(A);
  outages.observe(A, true);
  leave();
  expect(() => outages.enter(A)).toThrow(refused('5'));
  expect(told, 'and is told once').toEqual([`bucket ${A} begun`]);
});

test('a success ends the outage, whoever asked', () => {
  const { outages, told, fail, pass } = start();
  fail([A, B, C], 30);
  pass(5_000);
  const leave = outages.enter(A);
  outages.observe(A, false);
  leave();
  expect(() => outages.enter(A)).not.toThrow();
  expect(told).toEqual(expect.arrayContaining([`bucket ${A} over`, `region ${SHANGHAI} over`]));
  expect(outages.list().map(({ host }) => host)).toEqual([B, C]);
});

test('what failed before the outage began and is told late changes nothing', () => {
  const { outages, fail, pass } = start();
  fail([A], 10);
  pass(4_000);
  outages.observe(A, true);
  pass(1_000);
  expect(() => outages.enter(A)).not.toThrow();
});

test('memory is bounded, however many buckets fail', () => {
  const { outages, fail } = start();
  fail([A], 10);
  for (let i = 0; i < 5_000; i += 1) outages.observe(`b-${i}.other.myqcloud.com`, true);
  expect(() => outages.enter(A), 'the oldest is forgotten').not.toThrow();
});
