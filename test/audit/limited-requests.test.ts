import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import {
  createLimitedRequestCounter,
  type LimitedRequests,
} from '../../src/audit/limited-requests.ts';

const NOW = new Date('2025-03-01T12:00:00.000Z');

function counter(everyMs?: number) {
  const noted: LimitedRequests[] = [];
  const note = (one: LimitedRequests) => void noted.push(one);
  const counting = { now: () => NOW, note, ...(everyMs !== undefined && { everyMs }) };
  return { noted, counts: createLimitedRequestCounter(counting) };
}

test('a flood of each tenant is one record of how many and since when', async () => {
  const { noted, counts } = counter(20);
  for (let i = 0; i < 10_000; i++) counts.add(i % 10 === 0 ? 'reports' : 'photos');
  expect(noted).toEqual([]);
  await expect.poll(() => noted).toHaveLength(2);
  expect(noted.toSorted((a, b) => a.count - b.count)).toEqual([
    { tenant: 'reports', count: 1_000, since: NOW },
    { tenant: 'photos', count: 9_000, since: NOW },
  ]);
  await sleep(60);
  expect(noted).toHaveLength(2);
});

test('nothing that is counted is lost at the end', () => {
  const { noted, counts } = counter();
  counts.add('photos');
  counts.flush();
  counts.flush();
  expect(noted).toEqual([{ tenant: 'photos', count: 1, since: NOW }]);
});

test('many tenants are noted before they take much room', () => {
  const { noted, counts } = counter();
  for (let i = 0; i < 3_000; i++) counts.add(`tenant-${i}`);
  expect(noted).toHaveLength(2_048);
});
