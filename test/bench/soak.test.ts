import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { Moment } from '../../bench/soak/measure.ts';
import { grown, soakPage } from '../../bench/soak/page.ts';

const MAIN = fileURLToPath(new URL('../../bench/soak/main.ts', import.meta.url));
const PAGE = new URL('../../docs/soak.md', import.meta.url);

const published = () => (existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : null);

function moments(figures: (index: number) => Partial<Moment>): Moment[] {
  return Array.from({ length: 40 }, (_, index) => ({
    minutes: index + 1,
    rssMib: 100,
    heapMib: 40,
    descriptors: 150,
    delayP99Ms: 3,
    requestsPerSecond: 1000,
    latencyP99Ms: 20,
    ...figures(index),
  }));
}

test.each([
  { name: 'nothing changes', figures: () => ({}), expected: [] },
  {
    name: 'memory that grows while it warms up',
    figures: (index: number) => ({ rssMib: Math.min(100 + 10 * index, 200) }),
    expected: [],
  },
  {
    name: 'memory that keeps growing',
    figures: (index: number) => ({ rssMib: 100 + 10 * index }),
    expected: ['resident MiB'],
  },
  {
    name: 'descriptors that leak',
    figures: (index: number) => ({ descriptors: 150 + 2 * index }),
    expected: ['open descriptors'],
  },
  {
    name: 'a fraction of a millisecond',
    figures: (index: number) => ({ delayP99Ms: index / 40 }),
    expected: [],
  },
])('flat or not: $name', ({ figures, expected }) => {
  const seen = moments(figures);
  expect(grown(seen)).toEqual(expected);
  const machine = { cpu: 'c', cores: 2, memoryGib: 4, node: 'v24', system: 's', syncMs: 1 };
  const page = soakPage(seen, { machine, command: 'npm run soak', measuredAt: new Date(0) });
  expect(page).toContain(expected.length === 0 ? '\nFlat: ' : `\nNot flat: ${expected.join()}`);
});

test('a quick soak looks at a gateway under load and publishes nothing', {
  timeout: 60_000,
}, async () => {
  const before = published();
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, '--quick']);
  const line = stdout.split('\n').find((one) => one.startsWith('| resident MiB '));
  expect(line).toMatch(/^\| resident MiB +(?:\| +[1-9][0-9]+ ){5}/);
  expect(published()).toBe(before);
});
