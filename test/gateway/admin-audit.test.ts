import http from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ADMIN_TABLE, type AdminCall, callAdmin } from '../support/admin.ts';
import { type GatewayOptions, type RunningGateway, startGateway } from '../support/gateway.ts';
import { until } from '../support/journal.ts';
import { listenOn } from '../support/listen-on.ts';

const AUTO = { modes: ['Auto'], suffixes: ['jpg'] };

/** An auditor may only look, an operator only have changes resolved, a janitor only prune. */
const TABLE = ADMIN_TABLE.replace(
  'tenants:',
  'tenants:\n  auditor: { subAccount: reader }\n  operator: { subAccount: reader }\n  janitor: { subAccount: reader }',
).concat(`  - { id: audits, principal: tenant/auditor, effect: allow, action: slimgate:ReadAudit, resource: '*' }
  - { id: resolves, principal: tenant/operator, effect: allow, action: slimgate:ResolveAudit, resource: '*' }
  - { id: prunes, principal: tenant/janitor, effect: allow, action: slimgate:PruneAudit, resource: '*' }
`);

const start = (options: GatewayOptions = {}) => startGateway({ table: TABLE, ...options });

interface Found {
  readonly records: readonly { seq: number; kind: string; tenant: { name: string } | null }[];
  readonly next: string | null;
}

interface Outcomes {
  readonly [member: string]: readonly { readonly requestId: string }[];
}

async function ask<Body>(gateway: RunningGateway, call: string, options: AdminCall): Promise<Body> {
  const { status, body } = await callAdmin(gateway, call, options);
  expect(status).toBeLessThan(300);
  return body as unknown as Body;
}

const search = (gateway: RunningGateway, query: string) =>
  ask<Found>(gateway, `GET /v1/audit/records${query}`, { tenant: 'auditor' });

/** Wait until all that is in the journal now is in the index; the test's time limit ends it. */
async function indexed({ services }: RunningGateway): Promise<void> {
  const { seq } = services.journal.status().head;
  while (services.indexer.status().indexed < seq) await setTimeout(20);
}

const RIGHTS = [
  { call: 'GET /v1/audit/records', may: ['auditor'] },
  { call: 'GET /v1/audit/unresolved', may: ['operator'] },
  { call: 'POST /v1/audit/resolve', may: ['operator'] },
  { call: 'POST /v1/audit/prune', may: ['janitor'], body: { before: '2020-01-01T00:00:00Z' } },
];

test.for(RIGHTS)('$call is for $may alone', async ({ call, may, body: given = {} }) => {
  const gateway = await start();
  const body = call.startsWith('POST') ? { body: given } : {};
  for (const tenant of [
    'auditor',
    'operator',
    'janitor',
    'security',
    'photos',
    'intern',
    'nobody',
  ]) {
    const answer = await callAdmin(gateway, call, { tenant, ...body });
    expect([tenant, answer.status < 300]).toEqual([tenant, may.includes(tenant)]);
    if (!may.includes(tenant)) expect(answer.body.code).toBe('policy-denied');
  }
  const [method = '', path = ''] = call.split(' ');
  expect((await fetch(gateway.adminUrl + path, { method })).status).toBe(401);
});

test('T62: an auditor finds the records of all, or of one; a tenant its own, on either listener', async () => {
  const gateway = await start();
  await gateway.call('GET', { tenant: 'reports' });
  await gateway.call('PUT', { body: AUTO });
  await indexed(gateway);
  const names = ({ records }: Found) => new Set(records.map(({ tenant }) => tenant?.name));
  expect(names(await search(gateway, '?operation=describe'))).toEqual(new Set(['reports']));
  const all = names(await search(gateway, ''));
  expect([all.has('photos'), all.has('reports')]).toEqual([true, true]);
  expect(names(await search(gateway, '?tenant=photos'))).toEqual(new Set(['photos']));

  const authorization = `Bearer ${gateway.token('auditor')}`;
  const own = await fetch(`${gateway.url}/v1/audit/records`, { headers: { authorization } });
  await expect(own.json()).resolves.toMatchObject({
    records: expect.not.arrayContaining([
      expect.objectContaining({ tenant: expect.objectContaining({ name: 'photos' }) }),
    ]),
  });
  const theirs = await fetch(`${gateway.url}/v1/audit/records?tenant=photos`, {
    headers: { authorization },
  });
  expect(theirs.status).toBe(400);
});

test('pages of a search follow each other without a gap or a repeated record', async () => {
  const gateway = await start();
  for (let index = 0; index < 4; index += 1) await gateway.call('PUT', { body: AUTO });
  await indexed(gateway);
  const whole = await search(gateway, '?tenant=photos');
  expect(whole.records).toHaveLength(4);
  const paged: number[] = [];
  for (let after = ''; ; ) {
    const page = await search(gateway, `?tenant=photos&limit=3${after}`);
    paged.push(...page.records.map(({ seq }) => seq));
    if (page.next === null) break;
    after = `&after=${page.next}`;
  }
  expect(paged).toEqual(whole.records.map(({ seq }) => seq));
  expect(paged).toEqual(paged.toSorted((a, b) => b - a));
});

test.for(['?tenant=%00', '?tenant=a&tenant=b', '?limit=501', '?select=1'])(
  'a search for %s is refused',
  async (query) => {
    const call = `GET /v1/audit/records${query}`;
    const { status, body } = await callAdmin(await start(), call, { tenant: 'auditor' });
    expect([status, body.code]).toEqual([400, 'query-invalid']);
  },
);

const DOCUMENT =
  '<ImageSlim><Status>on</Status><SlimMode>Auto</SlimMode><Suffixs><Suffix>jpg</Suffix></Suffixs></ImageSlim>';

test('a change of unknown outcome is listed until its bucket could be asked, which can be ordered', async () => {
  let isOpen = false;
  const upstream = http.createServer((request, response) => {
    request.resume();
    if (request.method === 'PUT') return void request.socket.destroy();
    response.setHeader('content-type', 'application/xml').statusCode = isOpen ? 200 : 404;
    response.end(isOpen ? DOCUMENT : '<Error><Code>NoSuchBucket</Code></Error>');
  });
  const gateway = await start({ connect: await listenOn(upstream), upstream: 'settleMs: 0' });
  const requestId = (await gateway.call('PUT', { body: AUTO })).headers.get('x-request-id');
  const resolved = () => gateway.records().filter(({ kind }) => kind === 'resolved');
  await until(() => resolved().length === 1 && gateway.services.resolver.pending() === 0);
  expect(resolved()).toMatchObject([{ requestId, finding: 'not_asked', orderedBy: null }]);

  const tenant = 'operator';
  const list = () => ask<Outcomes>(gateway, 'GET /v1/audit/unresolved', { tenant });
  const order = (body: object) =>
    ask<Outcomes>(gateway, 'POST /v1/audit/resolve', { tenant, body });
  expect(await list()).toMatchObject({ unresolved: [{ requestId, tenant: 'photos' }] });
  expect(await order({ requestId: 'another' })).toEqual({ ordered: [] });
  isOpen = true;
  expect(await order({ requestId })).toMatchObject({ ordered: [{ requestId }] });
  await until(() => resolved().length === 2);
  expect(resolved()[1]).toMatchObject({ finding: 'matches_intent', orderedBy: 'operator' });
  expect(await list()).toEqual({ unresolved: [] });
  expect(await order({})).toEqual({ ordered: [] });
});

test.for([
  { name: 'a list', body: [] },
  { name: 'another member', body: { requestIds: [] } },
  { name: 'a number', body: { requestId: 1 } },
])('an order with $name is refused', async ({ body }) => {
  const call = 'POST /v1/audit/resolve';
  const answer = await callAdmin(await start(), call, { tenant: 'operator', body });
  expect([answer.status, answer.body.code]).toEqual([422, 'body-invalid']);
});
