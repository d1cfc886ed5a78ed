import { expect, test } from 'vitest';
import { naiveDecision } from '../policy/naive-evaluator.ts';
import { startGateway, TABLE } from '../support/gateway.ts';

const AUTO = { modes: ['Auto'], suffixes: ['jpg'] };
const BUCKETS = [
  ['ap-shanghai', 'examplebucket-1250000000'],
  ['ap-guangzhou', 'catalogue-1250000000'],
  ['ap-shanghai', 'archive-1250000000'],
  ['ap-shanghai', 'unbound-1250000000'],
  ['ap-shanghai', 'absent-1250000000'],
  ['ap-shanghai', 'partner-1250000001'],
] as const;
const TENANTS = { photos: 'AKIDmedia', reports: 'AKIDmedia', intern: 'AKIDreader', ghost: '' };
const METHODS = { PUT: 'ci:SetImageSlim', DELETE: 'ci:SetImageSlim', GET: 'ci:DescribeImageSlim' };

const MATRIX = Object.entries(TENANTS).flatMap(([tenant, secretId]) =>
  BUCKETS.flatMap(([region, bucket]) =>
    Object.entries(METHODS).map(([method, action]) => {
      const asked = {
        tenant,
        action,
        region,
        bucket,
        appId: '1250000000',
        ownerUin: '100000000001',
      };
      const isDenied = naiveDecision(TABLE, asked) === 'deny';
      return { tenant, secretId, region, bucket, method, isDenied };
    }),
  ),
);

test('every tenant reaches exactly the buckets its table gives it, with its own key', async () => {
  const gateway = await startGateway();
  for (const { tenant, secretId, region, bucket, method, isDenied } of MATRIX) {
    const before = gateway.simulator.received().length;
    const body = method === 'PUT' ? AUTO : undefined;
    const answer = await gateway.call(method, { tenant, region, bucket, body });
    const sent = gateway.simulator.received().slice(before);

    const seen = [tenant, bucket, method, answer.status === 403, sent.map((one) => one.secretId)];
    expect(seen).toEqual([tenant, bucket, method, isDenied, isDenied ? [] : [secretId]]);
    expect(sent.every(({ isSignatureAccepted }) => isSignatureAccepted)).toBe(true);
  }
  expect(new Set(MATRIX.map(({ isDenied }) => isDenied)).size).toBe(2);
});

test('a denial is the same for a bucket that exists and one that does not', async () => {
  const gateway = await startGateway();
  const denied = async (bucket: string) => {
    const answer = await gateway.call('PUT', { tenant: 'reports', bucket, body: AUTO });
    const { requestId, detail, ...rest } = (await answer.json()) as Record<string, string>;
    return { ...rest, detail: detail?.replaceAll(bucket, ''), hasId: requestId !== undefined };
  };
  expect(await denied('examplebucket-1250000000')).toEqual(await denied('nowhere-1250000000'));
});

test('a denial names the deciding statement, and nobody else’s', async () => {
  const gateway = await startGateway();
  const answer = await gateway.call('PUT', { bucket: 'archive-1250000000', body: AUTO });
  expect(answer.status).toBe(403);
  const text = await answer.text();
  expect(JSON.parse(text).decision).toEqual({
    reason: 'explicit-deny',
    statements: ['no-archive'],
  });
  expect(text).not.toContain('reports-read');
  expect(text).not.toContain('intern-everything');
});
