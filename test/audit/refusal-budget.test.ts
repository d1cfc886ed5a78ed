import { expect, test } from 'vitest';
import { createRefusalBudget } from '../../src/audit/refusal-budget.ts';

function budgetWithClock(perSecond?: number) {
  let ms = 1_000_000;
  const now = () => new Date(ms);
  const budget = createRefusalBudget(perSecond === undefined ? { now } : { now, perSecond });
  const admitted = (times: number) =>
    Array.from({ length: times }, () => budget.admit()).filter((isAdmitted) => isAdmitted).length;
  const pass = (passedMs: number) => {
    ms += passedMs;
  };
  return { budget, admitted, pass };
}

test('ten refusals a second are recorded, the others are counted from the first one on', () => {
  const { budget, admitted, pass } = budgetWithClock();
  expect(admitted(10)).toBe(10);
  expect(budget.takeSkipped()).toBeNull();
  pass(5);
  expect(admitted(1)).toBe(0);
  pass(5);
  expect(admitted(989)).toBe(0);
  expect(budget.takeSkipped()).toEqual({ count: 990, since: new Date(1_000_005) });
  expect(budget.takeSkipped()).toBeNull();
});

test('the budget fills evenly and holds no more than one second’s worth', () => {
  const { admitted, pass } = budgetWithClock(4);
  expect(admitted(9)).toBe(4);
  pass(250);
  expect(admitted(9)).toBe(1);
  pass(3_600_000);
  expect(admitted(9)).toBe(4);
});

test('a flood of a minute leaves no more records than the budget has', () => {
  const { admitted, pass } = budgetWithClock(10);
  let records = 0;
  for (let step = 0; step < 60_000; step += 1) {
    pass(1);
    records += admitted(1);
  }
  expect(records).toBeGreaterThanOrEqual(600);
  expect(records).toBeLessThanOrEqual(610);
});

test('a clock that is set back stops nothing and gives nothing', () => {
  const { admitted, pass } = budgetWithClock(2);
  expect(admitted(5)).toBe(2);
  pass(-3_600_000);
  expect(admitted(5)).toBe(0);
  pass(1_000);
  expect(admitted(5)).toBe(2);
});
