import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openIndexWriter } from '../../src/store/index-writer.ts';
import { type RunningGateway, startGateway } from '../support/gateway.ts';

const AUTO = { modes: ['Auto'], suffixes: ['jpg'] };

interface Found {
  readonly records: readonly { kind: string; seq: number; tenant: { name: string } }[];
  readonly next: string | null;
  readonly behind: number;
}

async function search(gateway: RunningGateway, tenant: string, query = ''): Promise<Response> {
  const headers = { authorization: `Bearer ${gateway.token(tenant)}` };
  return fetch(`${gateway.url}/v1/audit/records${query}`, { headers });
}

async function found(gateway: RunningGateway, tenant: string, query = ''): Promise<Found> {
  const answer = await search(gateway, tenant, query);
  expect(answer.status).toBe(200);
  return answer.json() as Promise<Found>;
}

/** Wait until all that is in the journal now is in the index; the test's time limit ends it. */
async function indexed({ services }: RunningGateway): Promise<void> {
  const { seq } = services.journal.status().head;
  while (services.indexer.status().indexed < seq) await setTimeout(20);
}

test('a tenant finds its own records, newest first, and never another’s', async () => {
  const gateway = await startGateway();
  await gateway.call('PUT', { body: AUTO });
  await gateway.call('PUT', { tenant: 'reports', body: AUTO });
  await gateway.call('GET', { tenant: 'reports' });
  await gateway.call('DELETE', {});
  await indexed(gateway);
  const own = await found(gateway, 'reports');
  expect(own.records.map(({ kind, tenant }) => [kind, tenant.name])).toEqual([
    ['closing', 'reports'],
    ['closing', 'reports'],
  ]);
  const photos = await found(gateway, 'photos', '?kind=closing&limit=1');
  expect(photos.records).toMatchObject([{ operation: { name: 'disable' } }]);
  const rest = await found(gateway, 'photos', `?kind=closing&limit=1&after=${photos.next}`);
  expect(rest.records).toMatchObject([{ operation: { name: 'enable' } }]);
  expect(JSON.stringify([photos, rest])).not.toContain('reports');
});

test('a search that is not understood is refused, whatever it asks for', async () => {
  const gateway = await startGateway();
  const answers = NOT_UNDERSTOOD.map(async (query) => {
    const answer = await search(gateway, 'reports', query);
    return [query, ((await answer.json()) as { code?: string }).code];
  });
  expect(await Promise.all(answers)).toEqual(
    NOT_UNDERSTOOD.map((query) => [query, 'query-invalid']),
  );
});

const NOT_UNDERSTOOD = [
  '?kind=intent',
  '?tenant=photos',
  '?tenant=reports&tenant=photos',
  "?bucket=x'%20or%20'1'='1&limit=0",
  '?bucket=%00',
  '?limit=501',
  '?after=%00',
  '?after=WyJhIiwiYiIsLTFd',
  '?from=yesterday',
  '?bucket=a&bucket=b',
  '?select=1',
];

test('letters of SQL in a search find nothing and change nothing', async () => {
  const gateway = await startGateway();
  await gateway.call('PUT', { body: AUTO });
  await indexed(gateway);
  for (const letters of ["'; drop table audit_records; --", '" or ""="', '%', '\\']) {
    for (const name of ['bucket', 'region', 'requestId', 'outcome', 'kind', 'operation']) {
      const query = `?${name}=${encodeURIComponent(letters)}`;
      expect(await found(gateway, 'photos', query)).toMatchObject({ records: [], next: null });
    }
  }
  expect((await found(gateway, 'photos')).records).not.toEqual([]);
});

test('without its database the gateway serves on, says so, and searching is refused', async () => {
  const gateway = await startGateway();
  await gateway.services.database.connection.ask('drop table audit_entries');
  expect((await gateway.call('PUT', { body: AUTO })).status).toBe(200);
  expect((await search(gateway, 'photos')).status).toBe(503);
  while (gateway.services.indexer.status().problem === null) await setTimeout(20);
  const ready = await fetch(`${gateway.adminUrl}/readyz`);
  expect(ready.status).toBe(200);
  const { auditIndex } = (await ready.json()) as { auditIndex: { behind: number } };
  expect(auditIndex.behind).toBeGreaterThan(0);
});

test('a record that was damaged before it came into the index is told as that, beside the others', async () => {
  const gateway = await startGateway();
  await gateway.call('PUT', { body: AUTO });
  await indexed(gateway);
  const [whole] = (await found(gateway, 'photos')).records;
  const { journal, database } = gateway.services;
  const writer = await openIndexWriter(database.place);
  const seq = 1_000_000;
  const [from, end] = [seq - 1, seq].map((at) => ({
    journal: journal.id,
    seq: at,
    segment: 1,
    nextByte: at,
  }));
  const damaged = { ...SEARCHED, seq, line: Buffer.from('{"v":1,"seq":1000000,"kind":"clos') };
  if (from && end) await writer.add(from, [{ records: [damaged], end }]);
  await writer.close();
  const { records } = await found(gateway, 'photos');
  expect(records).toHaveLength(2);
  expect(records).toContainEqual(whole);
  expect(records).toContainEqual(expect.objectContaining({ kind: 'damaged', seq }));
});

const SEARCHED = {
  at: Date.parse('2026-01-02T03:04:05Z'),
  kind: 'closing',
  requestId: 'damaged',
  tenant: 'photos',
  region: null,
  bucket: null,
  operation: null,
  decision: null,
  outcome: null,
};
