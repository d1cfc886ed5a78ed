import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cli, copyOfConfig, spawnedCli } from './running-cli.ts';

const BUCKET = ['--region', 'ap-shanghai', '--bucket', 'examplebucket-1250000000'];

/** The shipped table with a change, in a file of its own. */
function proposed(directory: string, change: (yaml: string) => string): string {
  const yaml = readFileSync(join(directory, 'config/policy-table.yaml'), 'utf8');
  writeFileSync(join(directory, 'proposed.yaml'), change(yaml));
  return 'proposed.yaml';
}

test('lint tells each finding with its line, and exits with 1 for an error alone', async () => {
  const directory = copyOfConfig();
  const warned = proposed(directory, (yaml) =>
    yaml.replace('action: ci:Describe*', 'action: ci:SetRefer'),
  );
  const warning = await cli(directory, 'policy', 'lint', '--table', warned);
  expect(warning.code).toBe(0);
  expect(warning.stdout).toMatch(
    /^proposed\.yaml:\d+: warning action-never-asked: `reports-read-everything`: /,
  );
  proposed(directory, (yaml) =>
    yaml.replace('bucket/archive-1250000000/*', 'bucket/archive-1250000000'),
  );
  const wrong = await cli(directory, 'policy', 'lint', '--table', warned, '--json');
  expect(wrong.code).toBe(1);
  expect(JSON.parse(wrong.stdout)).toMatchObject([
    {
      code: 'resource-never-matches',
      severity: 'error',
      statement: 'nobody-touches-the-archive',
      line: expect.any(Number),
    },
  ]);
}, 60_000);

test('a table that is refused is a finding of lint, and no table for the others', async () => {
  const directory = copyOfConfig();
  const table = proposed(directory, (yaml) => yaml.replace('ci:SetImageSlim', 'ci:Setimageslim'));
  const linted = await cli(directory, 'policy', 'lint', '--table', table);
  expect([linted.code, linted.stdout]).toEqual([
    1,
    expect.stringMatching(/error refused: statements\[0\].*is written `ci:SetImageSlim`/),
  ]);
  const asked = await spawnedCli(directory, 'policy', 'can', 'photos', '--table', table);
  expect([asked.code, asked.stdout]).toEqual([3, '']);
}, 60_000);

/** Wrong usage, with what is said of it. */
const USAGE: readonly (readonly [args: readonly string[], says: RegExp])[] = [
  [
    ['explain', '--tenant', 'photos', '--operation', 'disable', ...BUCKET, '--modes', 'API'],
    /only `enable`/,
  ],
  [
    ['who-can', 'ci:SetRefer', '*'],
    /asks for ci:SetImageSlim, ci:DescribeImageSlim, slimgate:ReadPolicy, .* alone/,
  ],
  [['who-can', 'ci:SetImageSlim', 'somewhere'], /six segments/],
];

test.for(USAGE)('wrong usage says what is right: %s', { timeout: 60_000 }, async ([args, says]) => {
  const { code, stdout, stderr } = await cli(copyOfConfig(), 'policy', ...args);
  expect([code, stdout, stderr]).toEqual([2, '', expect.stringMatching(says)]);
});
