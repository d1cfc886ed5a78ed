import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { shell } from '../docs/shell.ts';
import { cli, copyOfConfig, startCli } from './running-cli.ts';

const COMMANDS = [
  'slimgate policy show > table.yaml',
  'slimgate policy plan -f table.yaml',
  "slimgate policy apply -f table.yaml --note 'why'",
  'slimgate policy history',
  'slimgate policy rollback 1',
];

test('the table is shown, planned, changed and rolled back, and a fault or a lock-out is refused', async () => {
  const directory = copyOfConfig();
  const running = await startCli(directory, ['start'], /"msg":"ready"/);
  const admin = /health +(http:\/\/\S+)\/readyz/.exec(running.banner)?.[1] ?? '';
  const at = ['--admin', admin];
  const policy = (...args: readonly string[]) => cli(directory, 'policy', ...args, ...at);

  const [show = '', ...rest] = COMMANDS.map((line) =>
    line.replace(/(policy \S+)/, `$1 --admin ${admin}`),
  );
  await shell(directory, show);
  const table = join(directory, 'table.yaml');
  const shown = readFileSync(table, 'utf8');
  expect(shown).toMatch(
    /^# 1:[0-9a-f]{16} {2}\S+ {2}slimgate {2}from policyTableFile\nversion: 1\n/,
  );
  writeFileSync(table, shown.replace('ci:Describe*', 'ci:DescribeImageSlim'));

  const told = [];
  for (const command of rest) told.push(await shell(directory, command));
  const [planned = '', applied = '', history = '', back = ''] = told;
  expect(planned).toMatch(
    /^from version 1:\S+:\n {2}~ statement reports-read-everything\nin effect:\n {2}nobody gains or loses anything\n$/,
  );
  expect(applied).toMatch(/in force: 2:[0-9a-f]{16} {2}\S+ {2}security {2}why\n$/);
  expect(history.split('\n').map((line) => line.slice(0, 2))).toEqual(['2:', '1:', '']);
  expect(back).toMatch(/in force: 3:\S+ {2}\S+ {2}security {2}back to version 1\n$/);

  writeFileSync(table, shown.replace('ci:Describe*', 'ci:describe*'));
  const refused = await policy('apply', '-f', table);
  expect([refused.code, refused.stdout]).toEqual([1, '']);
  expect(refused.stderr).toMatch(
    /\n {2}line \d+: statements\[\d+\] `reports-read-everything`\.action: /,
  );

  writeFileSync(table, shown.replace('      - slimgate:ApplyPolicy\n', ''));
  const plan = await policy('plan', '-f', table, '--force');
  expect(plan.stdout).toContain('- security loses slimgate:ApplyPolicy (apply-policy), one kind');
  expect((await policy('apply', '-f', table)).stderr).toContain('(policy-lockout)');
  expect((await policy('apply', '-f', table, '--force')).code).toBe(0);
  const locked = await policy('rollback', '1');
  expect([locked.code, locked.stderr]).toEqual([1, expect.stringContaining('(policy-denied)')]);

  const { code, stderr } = await running.stop('SIGTERM');
  expect([code, stderr]).toEqual([0, '']);
  const away = await policy('show');
  expect([away.code, away.stderr]).toEqual([3, expect.stringContaining('is the gateway running')]);
  const keyless = await policy('show', '--token-file', 'nobody.jwt');
  expect([keyless.code, keyless.stderr]).toEqual([3, expect.stringContaining('--token-file')]);
}, 180_000);
