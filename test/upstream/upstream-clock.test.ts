import { expect, test } from 'vitest';
import { type ClockState, createUpstreamClock } from '../../src/upstream/upstream-clock.ts';

const HOST = 'a-1250000000.pic.ap-shanghai.myqcloud.com';
const OTHER = 'b-1250000000.pic.ap-shanghai.myqcloud.com';
const ELSEWHERE = 'a-1250000000.pic.ap-guangzhou.myqcloud.com';
const NOW = Date.UTC(2026, 0, 1, 12);
const MINUTE = 60_000;

function start() {
  const told: ClockState[] = [];
  const clock = createUpstreamClock({
    now: () => new Date(NOW),
    onChange: (state) => told.push(state),
  });
  const correctionOf = (host: string) => clock.timeFor(host).getTime() - NOW;
  const repeat = (times: number, act: () => void) => {
    for (let i = 0; i < times; i += 1) act();
  };
  return { clock, told, correctionOf, repeat };
}

const inMinutes = (minutes: number) => new Date(NOW + minutes * MINUTE).toUTCString();

test.each([
  ['the same', 0, 500],
  ['ahead', 20, 20 * MINUTE + 500],
  ['behind', -20, -20 * MINUTE + 500],
])('an answer tells how far the upstream is: %s', (_, minutes, aheadMs) => {
  expect(start().clock.aheadBy(inMinutes(minutes))).toBe(aheadMs);
});

test.each([
  ['none', undefined],
  ['an empty one', ''],
  ['no date', 'yesterday'],
  ['a date of long ago', 'Thu, 01 Jan 1970 00:00:00 GMT'],
  ['a date beyond all time', 'Sun, 01 Jan 999999 00:00:00 GMT'],
  ['three hours ahead', inMinutes(180)],
  ['three hours behind', inMinutes(-180)],
])('a header that cannot be believed says nothing: %s', (_, date) => {
  expect(start().clock.aheadBy(date)).toBeNull();
});

test('a correction is kept when it has helped three times in a row', () => {
  const { clock, told, correctionOf, repeat } = start();
  repeat(2, () => clock.confirm(HOST, 20 * MINUTE));
  expect(correctionOf(HOST)).toBe(0);
  clock.confirm(OTHER, 20 * MINUTE + 700);
  expect(correctionOf(HOST)).toBe(20 * MINUTE + 700);
  expect(correctionOf(ELSEWHERE), 'other regions have other clocks').toBe(0);
  expect(told.at(-1)).toMatchObject({ isSkewed: true, correctionMs: 20 * MINUTE + 700 });
});

test('one bucket whose answers lie does not move the clock of others that are in order', () => {
  const { clock, correctionOf, repeat } = start();
  repeat(50, () => {
    repeat(2, () => clock.confirm(HOST, 20 * MINUTE));
    clock.observe(OTHER, 0);
  });
  expect(correctionOf(OTHER)).toBe(0);
});

test('corrections that differ from each other are not kept', () => {
  const { clock, correctionOf, repeat } = start();
  let minutes = 0;
  repeat(20, () => {
    minutes += 1;
    clock.confirm(HOST, minutes * MINUTE);
  });
  expect(correctionOf(HOST)).toBe(0);
});

test('a correction ends when the clocks agree again, three answers in a row', () => {
  const { clock, told, correctionOf, repeat } = start();
  repeat(3, () => clock.confirm(HOST, 20 * MINUTE));
  repeat(2, () => clock.observe(HOST, 900));
  clock.observe(HOST, 20 * MINUTE);
  repeat(2, () => clock.observe(HOST, 900));
  expect(correctionOf(HOST)).toBe(20 * MINUTE);
  clock.observe(HOST, 900);
  expect(correctionOf(HOST)).toBe(0);
  expect(told.at(-1)).toMatchObject({ isSkewed: false, correctionMs: 0 });
  expect(clock.list()).toEqual([]);
});

test('a correction ends when the upstream refuses it', () => {
  const { clock, correctionOf, repeat } = start();
  repeat(3, () => clock.confirm(HOST, 20 * MINUTE));
  clock.doubt(HOST);
  expect(correctionOf(HOST)).toBe(0);
});

test('an operator is told once when a clock differs by 30 seconds or more, and once when not', () => {
  const { clock, told, repeat } = start();
  repeat(100, () => clock.observe(HOST, 29_000));
  expect(told).toEqual([]);
  repeat(100, () => clock.observe(HOST, -45_000));
  expect(told).toEqual([
    { host: 'pic.ap-shanghai.myqcloud.com', aheadMs: -45_000, isSkewed: true, correctionMs: 0 },
  ]);
  expect(clock.list()).toEqual(told);
  repeat(100, () => clock.observe(HOST, 0));
  expect(told).toHaveLength(2);
  expect(clock.list()).toEqual([]);
});

test('single answers that differ are not worth a word', () => {
  const { clock, told, repeat } = start();
  repeat(50, () => {
    repeat(2, () => clock.observe(HOST, 90 * MINUTE));
    clock.observe(HOST, 0);
    clock.observe(HOST, null);
  });
  expect(told).toEqual([]);
});
