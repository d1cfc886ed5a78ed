import { expect, test } from 'vitest';
import { createTurns, type Place, type TurnSettings } from '../../src/admission/turns.ts';
import { GatewayError } from '../../src/errors.ts';

/** Far beyond the test's own limit. */
const NEVER_MS = 300_000;

const turnsOf = (settings: Partial<TurnSettings> = {}) =>
  createTurns({ places: 1, waiting: 100, waitMs: NEVER_MS, what: 'changes', ...settings });

const refusal = (detail: RegExp) =>
  expect.objectContaining({ code: 'overloaded', detail: expect.stringMatching(detail) });

/** Whether a turn has come by now. */
async function hasCome({ turn }: Place): Promise<boolean> {
  return Promise.race([turn?.then(() => true) ?? true, new Promise<false>(later)]);
  function later(resolve: (value: false) => void) {
    setImmediate(resolve, false);
  }
}

test('whoever comes first has the turn at once, and the next when it is given up', async () => {
  const turns = turnsOf();
  const first = turns.enter('a');
  const second = turns.enter('a');
  expect(first.turn).toBeNull();
  expect(await hasCome(second)).toBe(false);
  first.leave();
  expect(await hasCome(second)).toBe(true);
});

test('turns come in order of arrival, and one at a time', async () => {
  const turns = turnsOf();
  const order: number[] = [];
  let underWay = 0;
  await Promise.all(
    Array.from({ length: 100 }, async (_, index) => {
      const place = turns.enter('a');
      await place.turn;
      underWay += 1;
      expect(underWay).toBe(1);
      order.push(index);
      await new Promise(setImmediate);
      underWay -= 1;
      place.leave();
    }),
  );
  expect(order).toEqual(Array.from({ length: 100 }, (_, index) => index));
});

test('as many as there are places have their turn at the same time', async () => {
  const turns = turnsOf({ places: 3 });
  const places = Array.from({ length: 5 }, () => turns.enter('a'));
  expect(await Promise.all(places.map(hasCome))).toEqual([true, true, true, false, false]);
  places[1]?.leave();
  expect(await Promise.all(places.map(hasCome))).toEqual([true, true, true, true, false]);
});

test('lines of different keys have nothing to do with each other', () => {
  const turns = turnsOf({ waiting: 0 });
  expect(turns.enter('a').turn).toBeNull();
  expect(turns.enter('b').turn).toBeNull();
});

test('a line that is full refuses, and takes again when there is room', async () => {
  const turns = turnsOf({ waiting: 1 });
  turns.enter('a');
  const waiting = turns.enter('a');
  expect(() => turns.enter('a')).toThrow(GatewayError);
  expect(() => turns.enter('a')).toThrow(refusal(/^too many changes wait already; nothing was/));
  waiting.giveUp();
  await expect(waiting.turn).rejects.toThrow('did not wait');
  expect(() => turns.enter('a')).not.toThrow();
});

test('who waits too long is refused, is told when to come again, and is out of the line', async () => {
  const turns = turnsOf({ waitMs: 20 });
  const first = turns.enter('a');
  const second = turns.enter('a');
  await expect(second.turn).rejects.toEqual(refusal(/take too long/));
  await expect(second.turn).rejects.toHaveProperty('headers', { 'retry-after': '1' });
  first.leave();
  expect(turns.enter('a').turn).toBeNull();
  second.giveUp();
  expect(turns.enter('a').turn, 'and gives up nothing that is not its own').not.toBeNull();
});

test('who gives up while waiting never has a turn, and keeps nobody waiting', async () => {
  const turns = turnsOf();
  const [first, second, third] = [turns.enter('a'), turns.enter('a'), turns.enter('a')];
  second.giveUp();
  await expect(second.turn).rejects.toEqual(refusal(/did not wait/));
  first.leave();
  expect(await hasCome(third)).toBe(true);
});

test('who leaves twice gives up one place', async () => {
  const turns = turnsOf();
  const [first, second, third] = [turns.enter('a'), turns.enter('a'), turns.enter('a')];
  first.leave();
  first.leave();
  expect([await hasCome(second), await hasCome(third)]).toEqual([true, false]);
});

test('who gives up when the turn has come keeps it', async () => {
  const turns = turnsOf();
  const [first, second, third] = [turns.enter('a'), turns.enter('a'), turns.enter('a')];
  first.leave();
  second.giveUp();
  expect([await hasCome(second), await hasCome(third)]).toEqual([true, false]);
});
