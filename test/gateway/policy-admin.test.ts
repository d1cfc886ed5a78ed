import { describe, expect, test } from 'vitest';
import { verifyJournal } from '../../src/audit/verify.ts';
import {
  ADMIN_DOCUMENT,
  ADMIN_TABLE,
  applyTable,
  callAdmin,
  tableWhere,
} from '../support/admin.ts';
import { DATABASES, freshDatabase } from '../support/databases.ts';
import { type GatewayOptions, startGateway } from '../support/gateway.ts';

const AUTO = { modes: ['Auto'], suffixes: ['jpg'] };
const REFUSING = tableWhere({ photosMay: false });

const start = (options: GatewayOptions = {}) => startGateway({ table: ADMIN_TABLE, ...options });

describe.for(DATABASES)('on %s', (kind) => {
  test('a change is in force at once, has its version, and comes back with a rollback', async () => {
    const gateway = await start({ database: await freshDatabase(kind) });
    const put = async () => (await gateway.call('PUT', { body: AUTO })).status;
    expect(await put()).toBe(200);

    const applied = await applyTable(gateway, REFUSING, { note: 'not now' });
    expect(applied).toMatchObject({
      status: 201,
      body: {
        applied: true,
        number: 2,
        parent: 1,
        author: 'security',
        note: 'not now',
        difference: { statements: { added: [], removed: [], changed: ['photos-everything'] } },
      },
    });
    expect(await put()).toBe(403);

    const back = await callAdmin(gateway, 'POST /v1/policy/rollback', {
      body: { to: 1, basedOn: 2 },
    });
    expect(back).toMatchObject({ status: 201, body: { number: 3, note: 'back to version 1' } });
    expect(await put()).toBe(200);

    const { body } = await callAdmin(gateway, 'GET /v1/policy');
    expect(body).toMatchObject({ number: 3, document: ADMIN_DOCUMENT });
    const history = await callAdmin(gateway, 'GET /v1/policy/versions');
    expect(history.body.versions.map(({ number }) => number)).toEqual([3, 2, 1]);
    const second = await callAdmin(gateway, 'GET /v1/policy/versions/2');
    expect(second.body.document).toEqual(REFUSING);
  });

  test('a table that was changed is in force after a restart, whatever the file says', async () => {
    const database = await freshDatabase(kind);
    const first = await start({ database });
    await applyTable(first, REFUSING);
    await first.close();
    const second = await start({ database });
    expect((await second.call('PUT', { body: AUTO })).status).toBe(403);
    expect(second.logged()).toContain('policyTableFile differs from the policy table in the');
    expect(first.logged()).not.toContain('policyTableFile differs');
  });
});

test('a change is recorded before and after it is made, and pairs up', async () => {
  const gateway = await start();
  const { body, headers } = await applyTable(gateway, REFUSING);
  const records = gateway.records().filter(({ requestId }) => requestId === body.requestId);
  const policyChange = {
    from: { number: 1, digest: expect.stringMatching(/^[0-9a-f]{64}$/) },
    to: { number: 2, digest: body.digest },
    isForced: false,
  };
  expect(records).toMatchObject([
    { kind: 'intent', outcome: null, policyChange, tenant: { name: 'security' } },
    {
      kind: 'closing',
      outcome: 'applied',
      status: 201,
      policyChange,
      operation: { name: 'apply-policy', action: 'slimgate:ApplyPolicy', resource: '*' },
      decision: { effect: 'allow', statements: ['security-manages'] },
    },
  ]);
  expect(headers.get('slimgate-receipt')).toBeTruthy();
  const denied = await gateway.call('PUT', { body: AUTO });
  const requestId = denied.headers.get('x-request-id');
  await expect
    .poll(() => gateway.records().find((record) => record.requestId === requestId))
    .toMatchObject({ decision: { effect: 'deny', tableVersion: body.version } });

  const seed = gateway.records().filter(({ kind }) => kind === 'policy-seed');
  expect(seed).toMatchObject([{ digest: policyChange.from.digest }]);
  await gateway.close();
  const report = await verifyJournal(`${gateway.directory}/var/journal`);
  expect(report).toMatchObject({ isIntact: true, openIntents: [] });
});

const CALLS = [
  'GET /v1/policy',
  'GET /v1/policy/versions',
  'GET /v1/policy/versions/1',
  'POST /v1/policy/versions',
  'POST /v1/policy/versions?dryRun=true',
  'POST /v1/policy/rollback',
];

test.for(CALLS)('%s is refused to tenants without the right, and recorded', async (call) => {
  const gateway = await start();
  const body = call.startsWith('POST') ? { basedOn: 1, to: 1, document: REFUSING } : undefined;
  for (const tenant of ['photos', 'intern', 'nobody']) {
    const answer = await callAdmin(gateway, call, { tenant, ...(body && { body }) });
    expect(answer).toMatchObject({ status: 403, body: { code: 'policy-denied' } });
  }
  const denied = () => gateway.records().filter(({ code }) => code === 'policy-denied');
  await expect
    .poll(() => denied().map(({ outcome }) => outcome))
    .toEqual(['refused', 'refused', 'refused']);

  const [method, path] = call.split(' ');
  const stranger = await fetch(gateway.adminUrl + path, { method: method ?? '' });
  expect(stranger.status).toBe(401);
  expect((await callAdmin(gateway, 'GET /v1/policy')).body.number).toBe(1);
});

test('who may read may not apply', async () => {
  const table = ADMIN_TABLE.replace(
    'statements:',
    `statements:
  - { id: looks, principal: tenant/reports, effect: allow, action: slimgate:ReadPolicy, resource: '*' }`,
  );
  const gateway = await start({ table });
  const tenant = 'reports';
  expect((await callAdmin(gateway, 'GET /v1/policy', { tenant })).status).toBe(200);
  const body = { basedOn: 1, document: REFUSING };
  expect((await callAdmin(gateway, 'POST /v1/policy/versions', { tenant, body })).status).toBe(403);
});

test('a malformed table is refused whole, every problem with its path and line, and serving goes on', async () => {
  const gateway = await start();
  const document = ADMIN_TABLE.replace('effect: allow', 'effect: maybe').replace(
    'action: ci:DescribeImageSlim',
    'action: [ci:Describeimageslim, ci:DescribeDomain]',
  );
  const serving = Array.from({ length: 5 }, () => gateway.call('PUT', { body: AUTO }));
  const answer = await applyTable(gateway, document);
  const line = (text: string) => document.split('\n').findIndex((one) => one.includes(text)) + 1;
  expect(answer).toMatchObject({
    status: 422,
    body: {
      code: 'policy-invalid',
      errors: [
        {
          pointer: '/document/statements/0/effect',
          detail: `line ${line('effect: maybe')}: statements[0] \`photos-everything\`.effect: must be \`allow\` or \`deny\`, in lower case`,
        },
        {
          pointer: '/document/statements/1/action/0',
          detail: expect.stringContaining(`line ${line('ci:Describeimageslim')}: statements[1]`),
        },
      ],
    },
  });
  expect((await Promise.all(serving)).map(({ status }) => status)).toEqual(Array(5).fill(200));
  expect((await callAdmin(gateway, 'GET /v1/policy')).body.number).toBe(1);
  expect((await gateway.call('PUT', { body: AUTO })).status).toBe(200);
});

test('text that is no YAML is refused with its line', async () => {
  const { status, body } = await applyTable(await start(), 'version: 1\ntenants: [');
  expect(status).toBe(422);
  expect(body.errors[0]?.detail).toMatch(/^line [23], column \d+: /);
});

test('a change that is based on another version than the latest is refused', async () => {
  const gateway = await start();
  await applyTable(gateway, REFUSING);
  const late = await applyTable(gateway, ADMIN_DOCUMENT, { basedOn: 1 });
  expect(late).toMatchObject({ status: 409, body: { code: 'policy-conflict' } });
  expect((await gateway.call('PUT', { body: AUTO })).status).toBe(403);
});

test('of changes at once on one version, one is made', async () => {
  const gateway = await start();
  const tables = Array.from({ length: 5 }, (_, index) => ({
    ...ADMIN_DOCUMENT,
    statements: ADMIN_DOCUMENT.statements.map((row) => ({ ...row, note: `${index}` })),
  }));
  const answers = await Promise.all(tables.map((one) => applyTable(gateway, one, { basedOn: 1 })));
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409]);
});

test('the same table again makes no version', async () => {
  const gateway = await start();
  const again = await applyTable(gateway, ADMIN_TABLE);
  expect(again).toMatchObject({ status: 200, body: { applied: false } });
  expect((await callAdmin(gateway, 'GET /v1/policy')).body.number).toBe(1);
});

test('a dry run tells what would change, and changes nothing', async () => {
  const gateway = await start();
  const body = { basedOn: 1, document: REFUSING };
  const answer = await callAdmin(gateway, 'POST /v1/policy/versions?dryRun=true', { body });
  expect(answer).toMatchObject({
    status: 200,
    body: { applied: false, difference: { statements: { changed: ['photos-everything'] } } },
  });
  expect((await callAdmin(gateway, 'GET /v1/policy')).body.number).toBe(1);
});

const without = (id: string) => ({
  ...ADMIN_DOCUMENT,
  statements: ADMIN_DOCUMENT.statements.filter((row) => row.id !== id),
});
const managing = (row: object) => ({
  ...ADMIN_DOCUMENT,
  statements: ADMIN_DOCUMENT.statements.map((one) =>
    one.id === 'security-manages' ? { ...one, ...row } : one,
  ),
});
const FROM_HERE = { ip_equal: { 'qcs:ip': '127.0.0.1' } };

test.for([
  { name: 'without a statement for it', table: without('security-manages'), status: 409 },
  {
    name: 'for an address that is not the author’s',
    table: managing({ condition: { ip_equal: { 'qcs:ip': '10.0.0.1' } } }),
    status: 409,
  },
  {
    name: 'for the address that the author has',
    table: managing({ condition: FROM_HERE }),
    status: 201,
  },
  { name: 'for somebody else', table: managing({ principal: 'tenant/photos' }), status: 201 },
  {
    name: 'for somebody else from an address',
    table: managing({ principal: 'tenant/photos', condition: FROM_HERE }),
    status: 409,
  },
  { name: 'that has expired', table: managing({ expires: '2020-01-01T00:00:00Z' }), status: 409 },
])('a table with the right to change it $name: $status', async ({ table, status }) => {
  const gateway = await start();
  const answer = await applyTable(gateway, table);
  expect(answer.status).toBe(status);
  if (status === 409) expect(answer.body.code).toBe('policy-lockout');
});

test('who forces it may lock everybody out, and that is recorded', async () => {
  const gateway = await start();
  const { status, body } = await applyTable(gateway, without('security-manages'), { force: true });
  expect(status).toBe(201);
  expect((await callAdmin(gateway, 'GET /v1/policy')).status).toBe(403);
  const [intent] = gateway.records().filter(({ requestId }) => requestId === body.requestId);
  expect(intent).toMatchObject({ policyChange: { isForced: true } });
});

test.for([
  { name: 'an unknown path', call: 'GET /v1/elsewhere', status: 404 },
  { name: 'another method', call: 'DELETE /v1/policy', status: 405 },
  { name: 'the tenants’ path', call: 'GET /v1/regions/a/buckets/b/image-slim', status: 404 },
  { name: 'an encoded path', call: 'GET /v1/polic%79', status: 404 },
  { name: 'a slash at the end', call: 'GET /v1/policy/', status: 404 },
  { name: 'a strange query', call: 'GET /v1/policy?x=1', status: 400 },
  { name: 'a page that is too large', call: 'GET /v1/policy/versions?limit=1000', status: 400 },
  { name: 'a version that is no number', call: 'GET /v1/policy/versions/one', status: 404 },
])('$name is refused with $status', async ({ call, status }) => {
  expect((await callAdmin(await start(), call)).status).toBe(status);
});

test.for([
  { name: 'no JSON', body: '{', code: 'body-malformed' },
  { name: 'a member twice', body: '{"basedOn":1,"basedOn":2}', code: 'body-malformed' },
  { name: 'no document', body: { basedOn: 1 }, code: 'policy-invalid' },
  { name: 'a member too many', body: { basedOn: 1, document: {}, x: 1 }, code: 'policy-invalid' },
  { name: 'no base', body: { document: {} }, code: 'policy-invalid' },
  {
    name: 'another type',
    body: {},
    headers: { 'content-type': 'text/plain' },
    code: 'unsupported-media-type',
  },
])('a body with $name is refused', async ({ code, ...call }) => {
  const answer = await callAdmin(await start(), 'POST /v1/policy/versions', call);
  expect(answer.body.code).toBe(code);
});

test('no version is made when its intent cannot be recorded', async () => {
  const gateway = await start();
  await gateway.services.journal.close();
  const { status, body } = await applyTable(gateway, REFUSING);
  expect([status, body.code]).toEqual([503, 'audit-unavailable']);
  expect((await callAdmin(gateway, 'GET /v1/policy')).body.number).toBe(1);
});
