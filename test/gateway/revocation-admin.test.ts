import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { verifyJournal } from '../../src/audit/verify.ts';
import { closeDatabase } from '../../src/store/database.ts';
import { cli } from '../cli/running-cli.ts';
import { ADMIN_TABLE, callAdmin } from '../support/admin.ts';
import { DATABASES, freshDatabase } from '../support/databases.ts';
import { type GatewayOptions, type RunningGateway, startGateway } from '../support/gateway.ts';
import { replyNormally, startRawUpstream } from '../support/raw-upstream.ts';

const ISSUER = 'https://issuer.test';
const NONE = 'DELETE /v1/revocations/none';
const TABLE = ADMIN_TABLE.replace(
  'slimgate:ApplyPolicy]',
  'slimgate:ApplyPolicy, slimgate:RevokeToken]',
);

const start = async (options: GatewayOptions = {}) =>
  startGateway({ table: TABLE, connect: await startRawUpstream(replyNormally), ...options });

const claimOf = (token: string, name: string): string =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())[name];

const tokenBody = (token: string) => ({
  kind: 'token',
  issuer: ISSUER,
  value: claimOf(token, 'jti'),
});

const revoke = (gateway: RunningGateway, body: unknown) =>
  callAdmin(gateway, 'POST /v1/revocations', { body });

async function statuses(gateway: RunningGateway, tokens: readonly string[]): Promise<number[]> {
  const answers = await Promise.all(tokens.map((token) => gateway.call('GET', { token })));
  return answers.map(({ status }) => status);
}

describe.for(DATABASES)('on %s', (kind) => {
  test('T15b: a token that was taken many times is refused once it is revoked, until it is lifted', async () => {
    const gateway = await start({ database: await freshDatabase(kind) });
    const [captured, other] = [gateway.token('photos'), gateway.token('photos')];
    const many = Array<string>(50).fill(captured);
    expect(new Set(await statuses(gateway, many))).toEqual(new Set([200]));

    const note = 'found in a log';
    const made = await revoke(gateway, { ...tokenBody(captured), note });
    const about = { ...tokenBody(captured), note, until: null, author: 'security' };
    expect(made).toMatchObject({ status: 201, body: about });
    expect(new Set(await statuses(gateway, many))).toEqual(new Set([401]));
    expect(await statuses(gateway, [other])).toEqual([200]);

    const listed = await callAdmin(gateway, 'GET /v1/revocations');
    expect(listed.body.revocations).toEqual([{ ...about, ...idAndTime(made.body) }]);
    const lifted = await callAdmin(gateway, `DELETE /v1/revocations/${made.body.id}`);
    expect(lifted).toMatchObject({ status: 200, body: { id: made.body.id } });
    expect(await statuses(gateway, [captured, other])).toEqual([200, 200]);
  });

  test('one replica revokes, and another refuses', async () => {
    const database = await freshDatabase(kind);
    const [one, other] = [await start({ database }), await start({ database })];
    await revoke(one, { kind: 'tenant', value: 'photos' });
    const token = other.token('photos');
    await expect.poll(() => statuses(other, [token]), { timeout: 10_000 }).toEqual([401]);
  });
});

function idAndTime({ id, ...more }: { readonly id: string; readonly createdAt?: string }) {
  return { id, createdAt: more.createdAt };
}

test('a subject and a tenant are revoked with all their tokens', async () => {
  const gateway = await start();
  const [photos, reports] = [gateway.token('photos'), gateway.token('reports')];
  await revoke(gateway, { kind: 'subject', issuer: ISSUER, value: claimOf(photos, 'sub') });
  expect(await statuses(gateway, [photos, reports])).toEqual([401, 200]);
  await revoke(gateway, { kind: 'tenant', value: 'reports' });
  expect(await statuses(gateway, [photos, reports, gateway.token('reports')])).toEqual([
    401, 401, 401,
  ]);
});

test('each change is recorded before and after it is made, and pairs up', async () => {
  const gateway = await start();
  const until = '2100-01-01T00:00:00.000Z';
  const made = await revoke(gateway, { kind: 'tenant', value: 'intern', until });
  const lifted = await callAdmin(gateway, `DELETE /v1/revocations/${made.body.id}`);
  expect(lifted.headers.get('slimgate-receipt')).toBeTruthy();
  await gateway.close();
  const what = { id: made.body.id, kind: 'tenant', issuer: null, value: 'intern', until };
  const tenant = { name: 'security' };
  const of = (change: string) => ({ revocationChange: { change, ...what }, tenant });
  expect(gateway.records().filter((record) => record.revocationChange !== undefined)).toMatchObject(
    [
      { kind: 'intent', outcome: null, ...of('revoke') },
      { kind: 'closing', outcome: 'applied', status: 201, ...of('revoke') },
      { kind: 'intent', outcome: null, ...of('lift') },
      { kind: 'closing', outcome: 'applied', status: 200, ...of('lift') },
    ],
  );
  const report = await verifyJournal(`${gateway.directory}/var/journal`);
  expect(report).toMatchObject({ isIntact: true, openIntents: [] });
});

test.for(['GET /v1/revocations', 'POST /v1/revocations', NONE])(
  '%s is refused to tenants without the right, and recorded',
  async (call) => {
    const gateway = await start();
    const body = call.startsWith('POST') ? { kind: 'tenant', value: 'intern' } : undefined;
    for (const tenant of ['photos', 'intern', 'nobody']) {
      const answer = await callAdmin(gateway, call, { tenant, ...(body && { body }) });
      expect(answer).toMatchObject({ status: 403, body: { code: 'policy-denied' } });
    }
    const denied = () => gateway.records().filter(({ code }) => code === 'policy-denied');
    const record = { outcome: 'refused', operation: { name: 'revoke-token' } };
    await expect.poll(denied).toMatchObject([record, record, record]);
    expect((await callAdmin(gateway, 'GET /v1/revocations')).body.revocations).toEqual([]);
  },
);

const TOKEN = { kind: 'token', issuer: ISSUER, value: 'abc' };

test.for([
  { name: 'no kind', body: { value: 'photos' }, pointer: '/kind' },
  { name: 'another kind', body: { ...TOKEN, kind: 'group' }, pointer: '/kind' },
  { name: 'no issuer', body: { kind: 'token', value: 'abc' }, pointer: '/issuer' },
  { name: 'an unknown issuer', body: { ...TOKEN, issuer: 'https://x' }, pointer: '/issuer' },
  { name: 'a tenant of an issuer', body: { ...TOKEN, kind: 'tenant' }, pointer: '' },
  { name: 'no tenant’s name', body: { kind: 'tenant', value: 'Photos' }, pointer: '/value' },
  { name: 'no value', body: { ...TOKEN, value: '' }, pointer: '/value' },
  { name: 'a value in other letters', body: { ...TOKEN, value: 'é' }, pointer: '/value' },
  {
    name: 'an end in the past',
    body: { ...TOKEN, until: '2020-01-01T00:00:00Z' },
    pointer: '/until',
  },
  { name: 'an end that is no time', body: { ...TOKEN, until: 'soon' }, pointer: '/until' },
  { name: 'a note in lines', body: { ...TOKEN, note: 'a\nb' }, pointer: '/note' },
  { name: 'a member too many', body: { ...TOKEN, x: 1 }, pointer: '' },
  { name: 'a list', body: [], pointer: '' },
])('a revocation with $name is refused', async ({ body, pointer }) => {
  const answer = await revoke(await start(), body);
  expect(answer).toMatchObject({ status: 422, body: { code: 'body-invalid' } });
  expect(answer.body.errors[0]?.pointer).toBe(pointer);
});

test.for([
  { name: 'what is not revoked', call: NONE, status: 404 },
  { name: 'a query', call: 'GET /v1/revocations?x=1', status: 400 },
  { name: 'another method', call: 'PUT /v1/revocations', status: 405 },
])('$name: $status', async ({ call, status }) => {
  expect((await callAdmin(await start(), call)).status).toBe(status);
});

test('nothing is revoked when its intent cannot be recorded', async () => {
  const gateway = await start();
  await gateway.services.journal.close();
  const answer = await revoke(gateway, { kind: 'tenant', value: 'photos' });
  expect(answer).toMatchObject({ status: 503, body: { code: 'audit-unavailable' } });
  expect((await callAdmin(gateway, 'GET /v1/revocations')).body.revocations).toEqual([]);
});

test.for(['GET /v1/revocations', 'POST /v1/revocations', NONE])(
  '%s is refused while the database is away, and nothing is begun',
  async (call) => {
    const gateway = await start();
    await closeDatabase(gateway.services.database);
    const body = call.startsWith('POST') ? { kind: 'tenant', value: 'intern' } : undefined;
    const answer = await callAdmin(gateway, call, { ...(body && { body }) });
    expect(answer).toMatchObject({ status: 503, body: { code: 'store-unavailable' } });
    expect(gateway.records().filter(({ kind }) => kind === 'intent')).toEqual([]);
  },
);

test('T15b: an operator revokes a token by its file, looks, and lifts it again', async () => {
  const gateway = await start();
  const [captured, file] = [gateway.token('photos'), join(gateway.directory, 'captured.jwt')];
  const own = join(gateway.directory, 'security.jwt');
  writeFileSync(file, `${captured}\n`);
  writeFileSync(own, gateway.token('security'));
  const verb = (...args: string[]) =>
    cli(gateway.directory, 'token', ...args, '--admin', gateway.adminUrl, '--token-file', own);
  expect(await statuses(gateway, [captured])).toEqual([200]);

  const revoked = await verb('revoke', '--file', file, '--note', 'found in a log');
  expect(revoked).toMatchObject({ code: 0, stderr: '' });
  const what = `token ${claimOf(captured, 'jti')} of ${ISSUER}  for good`;
  expect(revoked.stdout).toContain(what);
  for (const part of captured.split('.')) expect(revoked.stdout).not.toContain(part);
  expect(await statuses(gateway, [captured])).toEqual([401]);

  const listed = await verb('revocations');
  expect(listed.stdout).toContain(what);
  const [id = ''] = listed.stdout.split(' ');
  expect(await verb('lift', id)).toMatchObject({ code: 0 });
  expect(await statuses(gateway, [captured])).toEqual([200]);
  const again = await verb('lift', id);
  expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('no-such-revocation')]);
});
