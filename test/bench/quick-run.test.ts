import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { SCENARIOS } from '../../bench/scenarios.ts';

const MAIN = fileURLToPath(new URL('../../bench/main.ts', import.meta.url));
const PAGE = new URL('../../docs/benchmarks.md', import.meta.url);
const TIMEOUT_MS = 120_000;

/** Rejects unless it exits with 0. */
const runBenchmark = (...args: string[]) => promisify(execFile)(process.execPath, [MAIN, ...args]);

test('a quick run measures what is chosen with each number of callers and publishes nothing', {
  timeout: TIMEOUT_MS,
}, async () => {
  const published = readFileSync(PAGE, 'utf8');
  const only = ['slimgate-put', 'http-proxy', 'upstream'];
  const { stdout } = await runBenchmark('--quick', '--only', [...only, 'process'].join(','));
  const rows = stdout.split('\n').filter((line) => line.startsWith('| '));
  for (const { title } of SCENARIOS.filter(({ name }) => only.includes(name))) {
    const own = rows.filter((row) => row.startsWith(`| ${title} `));
    expect(own, title).toHaveLength(2);
    for (const row of own) expect(row).not.toContain('–');
  }
  expect(rows.find((row) => row.startsWith('| start to ready, ms '))).toMatch(/\| +[1-9]/);
  expect(readFileSync(PAGE, 'utf8')).toBe(published);
});

test('an unknown scenario is refused before anything is started', async () => {
  await expect(runBenchmark('--only', 'nothing')).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining('there is no scenario `nothing`'),
  });
});
