import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ADMIN_TABLE, applyTable } from '../support/admin.ts';
import { type RunningGateway, startGateway } from '../support/gateway.ts';
import { cli } from './running-cli.ts';

const AUTO = { modes: ['Auto'], suffixes: ['jpg'] };
const TABLE = ADMIN_TABLE.replace('slimgate:ReadPolicy,', "'slimgate:Re*',");
const REFUSING = TABLE.replace('effect: allow', 'effect: deny');
const BUCKET = ['--region', 'ap-shanghai', '--bucket', 'examplebucket-1250000000'];

interface Online {
  readonly gateway: RunningGateway;
  /** Run a verb that asks the gateway. */
  readonly run: (
    ...args: string[]
  ) => Promise<{ code: number | null; stdout: string; stderr: string }>;
}

async function online(): Promise<Online> {
  const gateway = await startGateway({ table: TABLE });
  const { directory, adminUrl } = gateway;
  for (const tenant of ['security', 'photos']) {
    writeFileSync(join(directory, `${tenant}.jwt`), gateway.token(tenant));
  }
  const where = ['--admin', adminUrl, '--token-file', 'security.jwt'];
  return { gateway, run: (...args) => cli(directory, ...args, ...where) };
}

const CONFIG = ['--config', 'gateway.yaml'];

test('the verbs that look ask the table in force, not the file', { timeout: 90_000 }, async () => {
  const { gateway, run } = await online();
  await gateway.call('PUT', { body: AUTO });
  const applied = await applyTable(gateway, REFUSING);
  expect(applied.status).toBe(201);

  const asking = ['--tenant', 'photos', '--operation', 'disable', ...BUCKET];
  const [explained, offline, holders, rights, linted, replayed] = await Promise.all([
    run('policy', 'explain', ...asking, ...CONFIG),
    cli(gateway.directory, 'policy', 'explain', ...asking, ...CONFIG),
    run('policy', 'who-can', 'ci:SetImageSlim', 'ap-shanghai/examplebucket-1250000000', ...CONFIG),
    run('policy', 'can', 'security', ...CONFIG),
    run('policy', 'lint', ...CONFIG),
    run('policy', 'replay', '--journal', 'var/journal', ...CONFIG),
  ]);
  expect(explained.stdout).toContain('denied by `photos-everything`');
  expect(offline.stdout).toContain('allowed by `photos-everything`');
  expect(holders.stdout).toMatch(/^intern /);
  expect(rights.stdout).toContain('security-manages (');
  expect(linted.stdout).toMatch(new RegExp(`^version ${applied.body.version}(:\\d+)?: warning `));
  expect(linted.stdout).not.toContain('action-never-asked');
  expect(replayed).toMatchObject({ code: 1, stdout: expect.stringContaining('photos enable: 1') });
});

test('a plan tells who gains and who loses what, each with a request', {
  timeout: 90_000,
}, async () => {
  const { gateway, run } = await online();
  writeFileSync(join(gateway.directory, 'proposed.yaml'), REFUSING);
  const planned = await run('policy', 'plan', '-f', 'proposed.yaml', ...CONFIG);
  expect(planned.code).toBe(0);
  expect(planned.stdout).toMatch(/^ {2}~ statement photos-everything\n/m);
  expect(planned.stdout).toMatch(
    /^in effect:\n[\s\S]*^ {2}- photos loses ci:SetImageSlim \(enable\).*\n {6}for example: photos enable .*\n {6}before: allowed photos-everything; after: explicit-deny photos-everything\n/m,
  );
  expect(planned.stdout).not.toContain('reports');
  await applyTable(gateway, REFUSING);
  const back = await run('policy', 'rollback', '1', '--dry-run', ...CONFIG);
  expect(back.stdout).toContain('+ photos gains ci:SetImageSlim (enable)');
});

test('an auditor searches the index of a running gateway, and is refused without the right', {
  timeout: 90_000,
}, async () => {
  const { gateway, run } = await online();
  await gateway.call('PUT', { body: AUTO });
  const { services } = gateway;
  const { seq } = services.journal.status().head;
  while (services.indexer.status().indexed < seq) await setTimeout(20);
  const search = ['audit', 'search', '--tenant', 'photos'];
  const [found, json, none, unresolved, ordered] = await Promise.all([
    run(...search),
    run(...search, '--kind', 'closing', '--json'),
    run('audit', 'search', '--tenant', 'absent'),
    run('audit', 'resolve'),
    run('audit', 'resolve', '--order'),
  ]);
  expect(found.stdout).toMatch(/^\S+ {2}\S+ {2}closing {2}photos enable .*\n$/);
  expect(JSON.parse(json.stdout)).toMatchObject({ kind: 'closing', tenant: { name: 'photos' } });
  expect([none.code, none.stdout]).toEqual([1, '']);
  expect([unresolved.code, unresolved.stderr]).toEqual([
    0,
    '0 changes of unknown outcome are not resolved\n',
  ]);
  expect(ordered.code).toBe(0);
  const where = ['--admin', gateway.adminUrl, '--token-file', 'photos.jwt'];
  const refused = await cli(gateway.directory, ...search, ...where);
  expect([refused.code, refused.stdout, refused.stderr]).toEqual([
    1,
    '',
    expect.stringMatching(/^slimgate: .*\(policy-denied\)\n$/),
  ]);
});

const USAGE = [
  ['policy', 'lint', '--table', 'a', '--admin', 'http://127.0.0.1:1'],
  ['policy', 'replay'],
  ['audit', 'resolve', '--order'],
  ['audit', 'search', '--journal', 'a', '--admin', 'http://127.0.0.1:1'],
];

test.for(USAGE)('wrong usage: %s %s %s', { timeout: 60_000 }, async (args) => {
  const { directory } = await startGateway();
  const { code, stderr } = await cli(directory, ...args);
  expect([code, stderr]).toEqual([2, expect.stringMatching(/^error: /)]);
});
