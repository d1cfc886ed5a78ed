import { expect, test } from 'vitest';
import { BUCKET, startGateway, TABLE } from '../support/gateway.ts';
import { replyNormally, startRawUpstream } from '../support/raw-upstream.ts';

const AUTO = { modes: ['Auto'], suffixes: ['jpg'] };

interface Denial {
  readonly tenant: string;
  readonly method: 'PUT' | 'GET' | 'DELETE';
  readonly bucket: string;
  readonly reason: string;
  readonly statements: readonly string[];
  /** The caller’s own allow that came closest. */
  readonly closest?: string;
}

/** One way to come to each reason. */
const DENIALS: Readonly<Record<string, Denial>> = {
  'no statement allows it': {
    tenant: 'reports',
    method: 'PUT',
    bucket: BUCKET,
    reason: 'default-deny',
    statements: [],
    closest: 'reports-read',
  },
  'a statement denies it': {
    tenant: 'photos',
    method: 'DELETE',
    bucket: 'archive-1250000000',
    reason: 'explicit-deny',
    statements: ['no-archive'],
  },
  'the tenant is not in the table': {
    tenant: 'stranger',
    method: 'GET',
    bucket: BUCKET,
    reason: 'unknown-tenant',
    statements: [],
  },
  'the bucket is of another account': {
    tenant: 'photos',
    method: 'PUT',
    bucket: 'examplebucket-1250000001',
    reason: 'other-account',
    statements: [],
  },
};

async function start() {
  const upstream = await startRawUpstream(replyNormally);
  return { upstream, gateway: await startGateway({ connect: upstream }) };
}

const IDS = [...TABLE.matchAll(/- id: (\S+)/g)].map(([, id]) => String(id));

test.each(Object.entries(DENIALS))(
  'nothing is sent when %s, and the answer names that reason and no other statement',
  async (_, { tenant, method, bucket, reason, statements, closest }) => {
    const { gateway, upstream } = await start();
    const body = method === 'PUT' ? { body: AUTO } : {};
    const answer = await gateway.call(method, { tenant, bucket, ...body });
    const text = await answer.text();
    expect(JSON.parse(text)).toMatchObject({
      status: 403,
      code: 'policy-denied',
      requestId: answer.headers.get('x-request-id'),
      decision: { reason, statements, ...(closest && { nearestMiss: { statement: closest } }) },
    });
    const named = closest === undefined ? statements : [closest];
    expect(IDS.filter((id) => text.includes(id))).toEqual(named);
    await gateway.close();
    expect(upstream.connectionCount()).toBe(0);
    const records = gateway.records().filter(({ kind }) => kind === 'intent' || kind === 'closing');
    expect(records).toMatchObject([
      {
        kind: 'closing',
        outcome: 'refused',
        code: 'policy-denied',
        decision: { reason, statements },
      },
    ]);
  },
);

test('a denial says nothing about whether the bucket exists', async () => {
  const { gateway } = await start();
  const answers = await Promise.all(
    [BUCKET, 'no-such-bucket-1250000000'].map(async (bucket) => {
      const answer = await gateway.call('DELETE', { tenant: 'reports', bucket });
      const { requestId, ...problem } = (await answer.json()) as Record<string, unknown>;
      expect(requestId).toMatch(/./);
      return JSON.stringify({ status: answer.status, problem }).replaceAll(bucket, '(bucket)');
    }),
  );
  expect(answers[0]).toBe(answers[1]);
});

test('a dry run is denied as the real thing is', async () => {
  const { gateway, upstream } = await start();
  const call = { tenant: 'reports', body: AUTO };
  const [real, dry] = await Promise.all([
    gateway.call('PUT', call),
    gateway.call('PUT', { ...call, query: '?dryRun=true' }),
  ]);
  expect([real.status, dry.status]).toEqual([403, 403]);
  expect(upstream.connectionCount()).toBe(0);
});

test('a fault of the request is told only to a tenant', async () => {
  const { gateway } = await start();
  const faults = [
    { region: 'nowhere' },
    { bucket: 'nothing' },
    { query: '?a=b' },
    { body: 'nonsense' },
    { headers: { 'if-match': '*' } },
  ];
  for (const fault of faults) {
    expect((await gateway.call('PUT', { ...fault, token: 'none' })).status).toBe(401);
  }
});
