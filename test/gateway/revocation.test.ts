import { expect, test } from 'vitest';
import type { Revocation } from '../../src/identity/revocation.ts';
import { type RunningGateway, startGateway } from '../support/gateway.ts';
import { replyNormally, startRawUpstream } from '../support/raw-upstream.ts';

const ISSUER = 'https://issuer.test';
const PATIENTLY = { timeout: 10_000 } as const;

const claimOf = (token: string, name: string): string =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())[name];

/** Revoke as another replica would: in the database, past this gateway. */
async function revoke(
  { services }: RunningGateway,
  what: Pick<Revocation, 'kind' | 'value' | 'issuer'>,
): Promise<void> {
  const about = { id: `r-${what.kind}`, until: null, note: '', author: 'security' };
  await services.revocations.add({ ...what, ...about, createdAt: new Date() }, new Date(0));
}

async function codes(gateway: RunningGateway, tokens: readonly string[]): Promise<string[]> {
  const answers = await Promise.all(tokens.map((token) => gateway.call('GET', { token })));
  const bodies = await Promise.all(
    answers.map((answer) => answer.json() as Promise<{ code?: string }>),
  );
  return bodies.map(({ code }) => code ?? 'ok');
}

test('T15b: a captured token is taken a thousand times, and not once after it is revoked', async () => {
  const gateway = await startGateway({
    connect: await startRawUpstream(replyNormally),
    limits: 'requestsPerSecondPerTenant: 10000\nconcurrentRequestsPerTenant: 1000',
  });
  const [captured, other] = [gateway.token('photos'), gateway.token('photos')];
  for (let i = 0; i < 20; i += 1) {
    expect(new Set(await codes(gateway, Array(50).fill(captured)))).toEqual(new Set(['ok']));
  }
  await revoke(gateway, { kind: 'token', issuer: ISSUER, value: claimOf(captured, 'jti') });
  await expect.poll(() => codes(gateway, [captured]), PATIENTLY).toEqual(['token-revoked']);
  const after = await codes(gateway, [...Array(49).fill(captured), other]);
  expect(after).toEqual([...Array(49).fill('token-revoked'), 'ok']);

  const refused = await gateway.call('GET', { token: captured });
  expect(refused.status).toBe(401);
  expect(refused.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
  await gateway.close();
  const refusals = gateway.records().filter(({ code }) => code === 'token-revoked');
  expect(refusals[0]).toMatchObject({ kind: 'closing', outcome: 'refused', status: 401 });
});

test('T15b: a subject or a tenant that is revoked has no token, and is taken again when it is lifted', async () => {
  const gateway = await startGateway({ connect: await startRawUpstream(replyNormally) });
  const [photos, reports] = [gateway.token('photos'), gateway.token('reports')];
  const both = () => codes(gateway, [photos, reports]);
  expect(await both()).toEqual(['ok', 'ok']);
  await revoke(gateway, { kind: 'subject', issuer: ISSUER, value: claimOf(photos, 'sub') });
  await expect.poll(both, PATIENTLY).toEqual(['token-revoked', 'ok']);
  await revoke(gateway, { kind: 'tenant', issuer: null, value: 'reports' });
  await expect.poll(both, PATIENTLY).toEqual(['token-revoked', 'token-revoked']);
  expect(await codes(gateway, [gateway.token('reports')])).toEqual(['token-revoked']);
  for (const kind of ['subject', 'tenant']) await gateway.services.revocations.lift(`r-${kind}`);
  await expect.poll(both, PATIENTLY).toEqual(['ok', 'ok']);
});
