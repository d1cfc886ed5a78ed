import { expect, onTestFinished, test } from 'vitest';
import type { Revocation } from '../../src/identity/revocation.ts';
import { RevocationList, type RevocationStatus } from '../../src/identity/revocation-list.ts';
import type { Tenant } from '../../src/identity/tenant.ts';

const ISSUER = 'https://issuer.test';
const HOUR_MS = 3_600_000;
const NOON = Date.parse('2030-01-01T12:00:00.000Z');

const tenant = (facts: Partial<Tenant> = {}): Tenant => ({
  name: 'photos',
  subject: 'svc-photos',
  issuer: ISSUER,
  tokenId: 'jti-1',
  expiresAt: new Date(NOON + HOUR_MS),
  groups: [],
  claims: {},
  ...facts,
});

const revocation = (facts: Partial<Revocation>): Revocation => ({
  id: 'r1',
  kind: 'token',
  issuer: ISSUER,
  value: 'jti-1',
  until: null,
  note: '',
  author: 'security',
  createdAt: new Date(NOON),
  ...facts,
});

/** A list over rows that a test changes, and clocks that it sets. */
async function opened(rows: Revocation[] = [], settings = {}) {
  const state = { count: 0, ms: NOON, elapsedMs: 0, fault: null as Error | null };
  const told: RevocationStatus[] = [];
  const ask = async <Answer>(answer: () => Answer) => {
    if (state.fault !== null) throw state.fault;
    return answer();
  };
  const list = await RevocationList.open({
    store: { changeCount: () => ask(() => state.count), list: () => ask(() => [...rows]) },
    settings: { maxStaleMs: 5_000, refuseWhenStale: true, ...settings },
    now: () => new Date(state.ms),
    elapsedMs: () => state.elapsedMs,
    onChange: (status) => void told.push(status),
  });
  onTestFinished(() => list.close());
  const revoke = async (one: Revocation) => {
    rows.push(one);
    state.count += 1;
    await list.look();
  };
  return { list, state, told, revoke, rows };
}

const CASES: readonly (readonly [
  what: string,
  revoked: Partial<Revocation>,
  whose: Partial<Tenant>,
  is: boolean,
])[] = [
  ['its token', {}, {}, true],
  ['another token', { value: 'jti-2' }, {}, false],
  ['a token of another issuer', { issuer: 'https://other' }, {}, false],
  ['some token, and it has no id', { value: '' }, { tokenId: null }, false],
  ['its subject', { kind: 'subject', value: 'svc-photos' }, {}, true],
  [
    'its subject, and it has no id',
    { kind: 'subject', value: 'svc-photos' },
    { tokenId: null },
    true,
  ],
  [
    'that subject of another issuer',
    { kind: 'subject', value: 'svc-photos', issuer: 'x' },
    {},
    false,
  ],
  ['a subject named as its token', { kind: 'subject', value: 'jti-1' }, {}, false],
  ['its tenant', { kind: 'tenant', value: 'photos', issuer: null }, {}, true],
  ['another tenant', { kind: 'tenant', value: 'reports', issuer: null }, {}, false],
  [
    'a tenant named as its subject',
    { kind: 'tenant', value: 'svc-photos', issuer: null },
    {},
    false,
  ],
];

test.each(CASES)('when %s is revoked, that is what counts', async (_, revoked, whose, is) => {
  const { list } = await opened([revocation(revoked)]);
  expect(list.isRevoked(tenant(whose))).toBe(is);
});

test('a revocation is in force after the next look, and ends when it is lifted', async () => {
  const { list, revoke, rows, state } = await opened();
  expect(list.isRevoked(tenant())).toBe(false);
  await revoke(revocation({}));
  expect(list.isRevoked(tenant())).toBe(true);
  rows.pop();
  state.count += 1;
  await list.look();
  expect(list.isRevoked(tenant())).toBe(false);
});

test('it looks by itself', async () => {
  const { list, rows, state } = await opened();
  rows.push(revocation({}));
  state.count += 1;
  await expect.poll(() => list.isRevoked(tenant())).toBe(true);
});

test('a token stays revoked as long as a clock that is behind would take it', async () => {
  const until = new Date(NOON);
  const { list, state } = await opened([revocation({ until })]);
  state.ms = NOON + 300_000;
  expect(list.isRevoked(tenant())).toBe(true);
  state.ms = NOON + 300_001;
  expect(list.isRevoked(tenant())).toBe(false);
  state.ms = Number.NaN;
  expect(list.isRevoked(tenant())).toBe(true);
});

test('of two about the same the later end holds', async () => {
  const ends = [NOON + HOUR_MS, NOON - HOUR_MS].map((at) => new Date(at));
  const rows = ends.map((until) =>
    revocation({ kind: 'tenant', value: 'photos', issuer: null, until }),
  );
  const { list, state } = await opened(rows);
  expect(list.isRevoked(tenant())).toBe(true);
  state.ms = NOON + HOUR_MS + 1;
  expect(list.isRevoked(tenant())).toBe(false);
});

test('when the database is silent for too long no token is taken, until it answers again', async () => {
  const { list, state, told } = await opened();
  state.fault = new Error('gone\naway');
  state.elapsedMs = 5_000;
  await list.look();
  expect(list.isRevoked(tenant())).toBe(false);
  state.elapsedMs = 5_001;
  expect(() => list.isRevoked(tenant())).toThrow(/^revocations-stale/);
  await list.look();
  state.fault = null;
  await list.look();
  expect(list.isRevoked(tenant())).toBe(false);
  expect(told).toEqual([
    { count: 0, isStale: false, problem: 'gone away' },
    { count: 0, isStale: true, problem: 'gone away' },
    { count: 0, isStale: false, problem: null },
  ]);
});

test('who chose so goes on with what was known', async () => {
  const { list, state } = await opened([revocation({})], { refuseWhenStale: false });
  state.fault = new Error('gone');
  state.elapsedMs = 60_000;
  await list.look();
  expect(list.isRevoked(tenant())).toBe(true);
  expect(list.isRevoked(tenant({ tokenId: 'jti-2' }))).toBe(false);
});

test('a list that cannot be read is no list', async () => {
  const opening = RevocationList.open({
    store: { changeCount: async () => Promise.reject(new Error('gone')), list: async () => [] },
    settings: { maxStaleMs: 5_000, refuseWhenStale: true },
    now: () => new Date(),
    elapsedMs: () => 0,
    onChange: () => {},
  });
  await expect(opening).rejects.toThrow('gone');
});
