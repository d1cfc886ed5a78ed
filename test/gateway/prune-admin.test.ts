import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parsePublicKeys } from '../../src/audit/signing-key.ts';
import { verifyJournal } from '../../src/audit/verify.ts';
import { cli } from '../cli/running-cli.ts';
import { ADMIN_TABLE, type AdminCall, callAdmin } from '../support/admin.ts';
import { type RunningGateway, startGateway } from '../support/gateway.ts';
import { recordsOf } from '../support/journal.ts';

const TABLE = ADMIN_TABLE.replace('slimgate:ReadPolicy', 'slimgate:PruneAudit');
const DAY_MS = 86_400_000;

/** A running gateway with a segment for each of so many days. */
async function startedDaysAgo(days: number) {
  let now = Date.now();
  const gateway = await startGateway({ table: TABLE, now: () => new Date(now) });
  for (let day = 0; day < days; day += 1) {
    now += DAY_MS + 1000;
    expect((await gateway.call('PUT', { body: { modes: ['API'] } })).status).toBe(200);
  }
  const journal = join(gateway.directory, 'var/journal');
  const segments = () => readdirSync(journal).filter((name) => name.startsWith('segment-0'));
  const keys = parsePublicKeys(
    readFileSync(join(gateway.directory, 'var/audit-signing.pub.pem'), 'utf8'),
  );
  return { gateway, journal, segments, keys, daysAgo: (count: number) => now - count * DAY_MS };
}

const prune = (gateway: RunningGateway, body: unknown, more: AdminCall = {}) =>
  callAdmin(gateway, 'POST /v1/audit/prune', { body, ...more });

test('a running gateway takes old segments out of its own journal, and records that it did', async () => {
  const { gateway, journal, segments, keys, daysAgo } = await startedDaysAgo(4);
  const before = segments();
  const at = new Date(daysAgo(2));
  const { status, body, headers } = await prune(gateway, { before: at.toISOString() });
  const { pruned } = body as unknown as { pruned: { segments: number; seq: number } };
  expect(status).toBe(200);
  expect(pruned.segments).toBeGreaterThan(0);
  expect(segments()).toEqual(before.slice(pruned.segments));
  expect(headers.get('slimgate-receipt')).toMatch(/\S/);

  const records = await recordsOf(journal);
  expect(records[0]).toMatchObject({ kind: 'segment-opened', seq: pruned.seq + 1 });
  const own = records.filter((record) => record.auditPruning !== undefined);
  const facts = { auditPruning: { before: at.toISOString() }, tenant: { name: 'security' } };
  expect(own).toMatchObject([
    { kind: 'intent', ...facts, operation: { action: 'slimgate:PruneAudit' } },
    { kind: 'closing', ...facts, outcome: 'applied', status: 200 },
  ]);
  expect(await verifyJournal(journal, { keys })).toMatchObject({ isIntact: true, pruned });

  // It goes on: the segment in use was never touched.
  expect((await gateway.call('DELETE')).status).toBe(204);
  expect(await verifyJournal(journal, { keys })).toMatchObject({ isIntact: true });
});

test('the command has it done once, and of two at a time each takes out what is left', async () => {
  const { gateway, journal, segments, keys, daysAgo } = await startedDaysAgo(4);
  const [last = ''] = segments().slice(-1);
  const both = await Promise.all(
    [2, 1].map((days) => prune(gateway, { before: new Date(daysAgo(days)).toISOString() })),
  );
  expect(both.map(({ status }) => status)).toEqual([200, 200]);
  writeFileSync(join(gateway.directory, 'security.jwt'), gateway.token('security'));
  const when = new Date(daysAgo(1)).toISOString();
  const where = ['--admin', gateway.adminUrl, '--token-file', 'security.jwt'];
  const run = await cli(gateway.directory, 'audit', 'prune', ...where, '--before', when);
  expect(run).toEqual({ code: 0, stderr: '', stdout: `no whole segment is older than ${when}\n` });
  expect(segments()).toContain(last);
  expect(await verifyJournal(journal, { keys })).toMatchObject({ isIntact: true });
  const outcomes = (await recordsOf(journal)).flatMap(({ kind, auditPruning, outcome }) =>
    kind === 'closing' && auditPruning !== undefined ? [outcome] : [],
  );
  expect(outcomes.at(-1)).toBe('not_applied');
});

test.for([
  { name: 'a time that lies ahead', body: { before: '2100-01-01T00:00:00Z' } },
  { name: 'no time', body: {} },
  { name: 'a day without a clock', body: { before: 'yesterday' } },
  { name: 'more than a time', body: { before: '2020-01-01T00:00:00Z', force: true } },
])('nothing is pruned or recorded as begun for $name', async ({ body }) => {
  const { gateway, journal, segments } = await startedDaysAgo(1);
  const before = segments();
  expect(await prune(gateway, body)).toMatchObject({ status: 422, body: { code: 'body-invalid' } });
  expect(segments()).toEqual(before);
  const records = await recordsOf(journal);
  expect(records.filter(({ auditPruning }) => auditPruning !== undefined)).toEqual([]);
});
