import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { createCohort } from '../src/cohort.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('who comes in one turn goes on side by side, in order, step for step', async () => {
  const gathered = createCohort();
  const seen: string[] = [];
  async function go(name: string): Promise<void> {
    seen.push(`${name} comes`);
    await gathered();
    seen.push(`${name} goes on`);
    await null;
    seen.push(`${name} ends`);
  }
  await Promise.all([go('a'), go('b')]);
  const rounds = ['comes', 'goes on', 'ends'].flatMap((step) => [`a ${step}`, `b ${step}`]);
  expect(seen).toEqual(rounds);
});

test('what is read in the same turn comes in time', async () => {
  const gathered = createCohort();
  const seen: string[] = [];
  await readFile(import.meta.filename);
  // Here is a callback of the loop's reading; another one can follow it before the turn has ended.
  const first = gathered().then(() => seen.push('first'));
  process.nextTick(() => void gathered().then(() => seen.push('second')));
  await first;
  await null;
  expect(seen).toEqual(['first', 'second']);
});

test('who comes later waits for a turn of its own', async () => {
  const gathered = createCohort();
  const first = gathered();
  await first;
  const second = gathered();
  expect(second).not.toBe(first);
  let hasEnded = false;
  void second.then(() => {
    hasEnded = true;
  });
  await null;
  expect(hasEnded).toBe(false);
  await turn();
  expect(hasEnded).toBe(true);
});
