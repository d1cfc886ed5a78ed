import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { SUBJECTS } from '../../bench/policy/subjects.ts';

const MAIN = fileURLToPath(new URL('../../bench/policy/main.ts', import.meta.url));
const PAGE = new URL('../../docs/policy-benchmarks.md', import.meta.url);

test('a quick run measures every subject, finds that they agree, and publishes nothing', {
  timeout: 60_000,
}, async () => {
  const published = readFileSync(PAGE, 'utf8');
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, '--quick']);
  for (const { title } of Object.values(SUBJECTS)) {
    expect(stdout.split('\n').filter((line) => line.startsWith(`| ${title} `))).toHaveLength(1);
  }
  expect(stdout).not.toContain('NaN');
  expect(readFileSync(PAGE, 'utf8')).toBe(published);
});
