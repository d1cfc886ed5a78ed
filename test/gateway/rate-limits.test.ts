import { expect, test } from 'vitest';
import { type RunningGateway, startGateway, TABLE } from '../support/gateway.ts';
import { replyNormally, startRawUpstream } from '../support/raw-upstream.ts';

const LIMITED = TABLE.replace(
  'photos: { subAccount: media }',
  'photos: { subAccount: media, limits: { requestsPerSecond: 0.01, burst: 3 } }',
);

async function start(options: { limits?: string; table?: string; listen?: string } = {}) {
  const upstream = await startRawUpstream(replyNormally);
  return startGateway({ connect: upstream, ...options });
}

const fieldsOf = ({ headers }: Response) => ({
  policy: headers.get('ratelimit-policy'),
  rate: headers.get('ratelimit'),
  retryAfter: headers.get('retry-after'),
});

async function statuses(gateway: RunningGateway, count: number, tenant = 'photos') {
  const answers = await Promise.all(
    Array.from({ length: count }, () => gateway.call('GET', { tenant })),
  );
  return answers.map(({ status }) => status).toSorted();
}

test('T66: a tenant beyond its rate gets 429 and when to come again; others get their answers', async () => {
  const gateway = await start({ table: LIMITED });
  const [first] = [await gateway.call('GET')];
  expect(first.status).toBe(200);
  expect(fieldsOf(first)).toEqual({
    policy: '"tenant";q=3;w=300',
    rate: '"tenant";r=2;t=100',
    retryAfter: null,
  });
  expect(await statuses(gateway, 30)).toEqual([200, 200, ...Array(28).fill(429)]);
  expect(await statuses(gateway, 30, 'reports')).toEqual(Array(30).fill(200));

  const refused = await gateway.call('PUT', { body: { modes: ['API'] } });
  expect(refused.status).toBe(429);
  expect(await refused.json()).toMatchObject({ code: 'rate-limited' });
  const { policy, rate, retryAfter } = fieldsOf(refused);
  expect(policy).toBe('"tenant";q=3;w=300');
  expect(rate).toMatch(/^"tenant";r=0;t=(?:29[5-9]|300)$/);
  expect(Number(retryAfter)).toBeGreaterThan(90);
  expect(Number(retryAfter)).toBeLessThanOrEqual(100);
});

test('T66: a flood of one tenant is one record, with its count', async () => {
  const gateway = await start({ table: LIMITED });
  await statuses(gateway, 53);
  await statuses(gateway, 5, 'reports');
  await gateway.close();
  const records = gateway.records();
  expect(records.filter(({ kind }) => kind === 'closing')).toHaveLength(8);
  expect(records.filter(({ kind }) => kind === 'requests-limited')).toMatchObject([
    { tenant: 'photos', count: 50, since: expect.any(String) },
  ]);
});

test('what is refused by its body or by the policy table counts towards the rate too', async () => {
  const gateway = await start({ table: LIMITED });
  expect((await gateway.call('PUT', { body: {} })).status).toBe(422);
  const archive = { bucket: 'archive-1250000000', body: { modes: ['API'] } };
  expect((await gateway.call('PUT', archive)).status).toBe(403);
  expect((await gateway.call('PUT', { body: {} })).status).toBe(422);
  expect((await gateway.call('PUT', { body: {} })).status).toBe(429);
});

test('who has no limits in the table has those of the configuration', async () => {
  const limits = 'requestsPerSecondPerTenant: 0.01\nburstPerTenant: 2';
  const gateway = await start({ limits, table: LIMITED });
  expect(await statuses(gateway, 5)).toEqual([200, 200, 200, 429, 429]);
  expect(await statuses(gateway, 5, 'reports')).toEqual([200, 200, 429, 429, 429]);
});

test('a source beyond its rate is refused before its token is looked at', async () => {
  const limits = 'requestsPerSecondPerSource: 0.01\nburstPerSource: 2';
  const gateway = await start({ limits });
  const bad = () => gateway.call('GET', { token: 'x.y.z' });
  expect([(await bad()).status, (await bad()).status]).toEqual([401, 401]);
  const refused = await bad();
  expect(refused.status).toBe(429);
  expect(fieldsOf(refused)).toMatchObject({
    policy: '"source";q=2;w=200',
    rate: expect.stringMatching(/^"source";r=0;t=\d+$/),
  });
  expect((await gateway.call('GET')).status).toBe(429);
  expect((await fetch(`${gateway.url}/elsewhere`)).status).toBe(429);
});

test('behind a trusted proxy every source has a rate of its own', async () => {
  const gateway = await start({
    listen: 'trustedProxies: [127.0.0.0/8]',
    limits: 'requestsPerSecondPerSource: 0.01\nburstPerSource: 1',
  });
  const from = async (source: string) => {
    const headers = { 'x-forwarded-for': `10.0.0.1, ${source}` };
    return (await gateway.call('GET', { headers })).status;
  };
  expect([await from('203.0.113.5'), await from('203.0.113.5')]).toEqual([200, 429]);
  expect([await from('2001:db8::1'), await from('2001:db8::2')]).toEqual([200, 429]);
  expect(await from('2001:db8:0:1::1')).toBe(200);
});
