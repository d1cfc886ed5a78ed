import jsonwebtoken from 'jsonwebtoken';
import { expect, test } from 'vitest';
import { SLIM_CONFIGURATIONS } from '../../src/slim/slim-configuration.ts';
import { ISSUER_SECRET, type RunningGateway, startGateway } from '../support/gateway.ts';

const HEAD = `
version: 1
tenants:
  photos: { subAccount: media }
  reports: { subAccount: media }
statements:
`;

/** photos may switch on Auto for png, never gif, and never switch off. */
const ONLY_PNG = `${HEAD}
  - id: photos-look
    principal: tenant/photos
    effect: allow
    action: ci:DescribeImageSlim
    resource: '*'
  - id: photos-png
    principal: tenant/photos
    effect: allow
    action: ci:SetImageSlim
    resource: qcs::ci:ap-shanghai:uid/1250000000:bucket/examplebucket-1250000000/*
    condition:
      for_any_value:string_equal: { slimgate:mode: Auto }
      for_all_value:string_equal: { slimgate:suffix: png }
  - id: never-gif
    principal: sub-account/media
    effect: deny
    action: ci:SetImageSlim
    resource: '*'
    condition:
      string_equal: { slimgate:operation: enable }
      for_any_value:string_equal: { slimgate:suffix: gif }
  - id: never-off
    principal: tenant/photos
    effect: deny
    action: ci:SetImageSlim
    resource: '*'
    condition: { string_equal: { slimgate:operation: disable } }
`;

const NEVER_GIF = { reason: 'explicit-deny', statements: ['never-gif'] };
const NOT_NAMED = { reason: 'default-deny', statements: [] };

async function decisionOf(answer: Response): Promise<Record<string, unknown>> {
  const problem = (await answer.json()) as { code: string; decision: Record<string, unknown> };
  expect([answer.status, problem.code]).toEqual([403, 'policy-denied']);
  return problem.decision;
}

test('photos may switch on Auto for png, never gif, and never switch off', async () => {
  const gateway = await startGateway({ table: ONLY_PNG });
  for (const { modes, suffixes } of SLIM_CONFIGURATIONS) {
    const before = gateway.simulator.received().length;
    const body = modes.includes('Auto') ? { modes, suffixes } : { modes };
    const answer = await gateway.call('PUT', { body });
    const isAllowed = suffixes.join() === 'png';
    expect(gateway.simulator.received().length - before).toBe(isAllowed ? 1 : 0);
    if (isAllowed) expect(answer.status).toBe(200);
    else
      expect(await decisionOf(answer)).toMatchObject(
        suffixes.includes('gif') ? NEVER_GIF : NOT_NAMED,
      );
  }

  const off = await gateway.call('DELETE');
  expect(await decisionOf(off)).toEqual({ reason: 'explicit-deny', statements: ['never-off'] });
  expect((await gateway.call('GET')).status).toBe(200);
  expect(gateway.simulator.received().filter(({ method }) => method === 'DELETE')).toEqual([]);
});

test('a dry run is decided by what it would set', async () => {
  const gateway = await startGateway({ table: ONLY_PNG });
  const dryRun = (suffix: string) =>
    gateway.call('PUT', { query: '?dryRun=true', body: { modes: ['Auto'], suffixes: [suffix] } });
  expect((await dryRun('png')).status).toBe(200);
  expect(await decisionOf(await dryRun('gif'))).toMatchObject({ reason: 'explicit-deny' });
});

/** Whoever is not of the team web is kept out: by a deny that needs the claim. */
const BY_TEAM = `${HEAD}
  - { id: all, principal: tenant/photos, effect: allow, action: ci:*, resource: '*' }
  - id: only-web
    principal: tenant/photos
    effect: deny
    action: ci:*
    resource: '*'
    condition: { string_not_equal: { slimgate:claim/team: web } }
`;

/** A token of photos with claims of its own. */
function tokenWith(gateway: RunningGateway, claims: Record<string, unknown>): string {
  const [issuer] = gateway.configuration.issuers;
  return jsonwebtoken.sign(
    { [issuer?.tenantClaim ?? '']: 'photos', sub: 'photos', ...claims },
    ISSUER_SECRET,
    { issuer: 'https://issuer.test', audience: 'slimgate', keyid: 'k1', expiresIn: 60 },
  );
}

test('a deny that a token leaves open denies, and says so', async () => {
  const gateway = await startGateway({ table: BY_TEAM });
  const get = (claims: Record<string, unknown>) =>
    gateway.call('GET', { token: tokenWith(gateway, claims) });
  expect((await get({ team: 'web' })).status).toBe(200);
  expect(await decisionOf(await get({ team: 'ads' }))).toMatchObject({ reason: 'explicit-deny' });
  for (const claims of [{}, { team: null }, { team: ['web'] }, { team: 5 }]) {
    const answer = await get(claims);
    const { detail, decision } = (await answer.json()) as Record<string, unknown>;
    expect(decision).toEqual({ reason: 'undecidable-deny', statements: ['only-web'] });
    expect(detail).toMatch(
      /is denied by `only-web`: this request does not say whether its condition holds$/,
    );
  }
  await gateway.close();
  const reasons = gateway.records().flatMap(({ decision }) => decision ?? []);
  expect(reasons.at(-1)).toMatchObject({ effect: 'deny', reason: 'undecidable-deny' });
});

const FROM_HERE = `${HEAD}
  - id: from-loopback
    principal: tenant/photos
    effect: allow
    action: ci:*
    resource: '*'
    condition: { ip_equal: { qcs:ip: [127.0.0.0/8, '::1'] } }
  - id: from-elsewhere
    principal: tenant/reports
    effect: allow
    action: ci:*
    resource: '*'
    condition: { ip_equal: { qcs:ip: 203.0.113.0/24 } }
`;

test('the source address is the peer’s, whatever a header says', async () => {
  const gateway = await startGateway({ table: FROM_HERE });
  const forged = {
    'x-forwarded-for': '203.0.113.5',
    forwarded: 'for=203.0.113.5',
    'x-real-ip': '203.0.113.5',
  };
  expect((await gateway.call('GET', { headers: forged })).status).toBe(200);
  const reports = await gateway.call('GET', { tenant: 'reports', headers: forged });
  expect(await decisionOf(reports)).toMatchObject({ reason: 'default-deny' });
});

const UNTIL = `${HEAD}
  - id: for-a-while
    principal: tenant/photos
    effect: allow
    action: ci:*
    resource: '*'
    expires: 2031-01-01T00:00:00Z
`;

test('a row expires at its moment, without a reload', async () => {
  let now = new Date('2030-12-31T23:59:59.999Z');
  const gateway = await startGateway({ table: UNTIL, now: () => now });
  const status = async () => (await gateway.call('GET')).status;
  expect(await status()).toBe(200);
  now = new Date('2031-01-01T00:00:00Z');
  expect(await status()).toBe(403);
});
