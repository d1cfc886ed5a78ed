import { expect, test } from 'vitest';
import { OTHER_BUCKET, type RunningGateway, startGateway } from '../support/gateway.ts';
import { normalAnswer, type Reply, startRawUpstream } from '../support/raw-upstream.ts';

const PATIENTLY = { timeout: 10_000 } as const;

const well = { tenant: 'reports', region: 'ap-guangzhou', bucket: OTHER_BUCKET };

/** A gateway whose upstream swallows the calls on one bucket and answers those on the other. */
async function start(reply: Reply, settings: { upstream: string; limits: string }) {
  const upstream = await startRawUpstream((socket, request) => {
    if (request.host.startsWith(OTHER_BUCKET)) socket.write(normalAnswer(request.method));
    else reply(socket, request);
  });
  return { upstream, gateway: await startGateway({ connect: upstream, ...settings }) };
}

const statuses = async (gateway: RunningGateway, count: number) => {
  const answers = await Promise.all(
    // Of a bucket each: changes of one bucket wait for each other.
    Array.from({ length: count }, (_, index) =>
      gateway.call('DELETE', { bucket: `bucket-${index}-1250000000` }),
    ),
  );
  return answers.map(({ status }) => status);
};

test('a tenant whose calls hang gets 504 and 429, and others are served meanwhile', async () => {
  const { gateway, upstream } = await start(() => {}, {
    upstream: 'timeoutMs: 2500',
    limits: 'concurrentRequestsPerTenant: 40',
  });
  const hanging = statuses(gateway, 60);
  await expect.poll(() => upstream.requests.length, PATIENTLY).toBe(40);
  for (let i = 0; i < 5; i += 1) expect((await gateway.call('GET', well)).status).toBe(200);
  const ended = (await hanging).toSorted();
  expect(ended).toEqual([...Array(20).fill(429), ...Array(40).fill(504)]);
  // What hung is given back: only the connection of the well-served tenant is kept.
  await expect.poll(() => upstream.openSockets().length, PATIENTLY).toBe(1);
  expect((await gateway.call('GET', well)).status).toBe(200);
});

test('many calls at once share the connections that are allowed, and all are answered', async () => {
  const { gateway, upstream } = await start(
    (socket, { method }) => void setTimeout(() => socket.write(normalAnswer(method)), 2),
    { upstream: 'maxSockets: 8', limits: 'concurrentRequestsPerTenant: 1000' },
  );
  expect(await statuses(gateway, 200)).toEqual(Array(200).fill(204));
  expect(upstream.connectionCount()).toBe(8);
  expect(upstream.requests).toHaveLength(200);
});

test('five hundred calls to a black hole keep no connection from another region', async () => {
  const { gateway, upstream } = await start(() => {}, {
    upstream: 'timeoutMs: 2000\nmaxSockets: 24\ncallsPerRegion: 16\noutage: { failures: 100000 }',
    limits:
      'concurrentRequestsPerTenant: 1000\nconcurrentRequestsPerSource: 1000\n' +
      'burstPerTenant: 10000\nturnWaitMs: 1000',
  });
  const hanging = Array.from({ length: 500 }, (_, index) =>
    gateway.call('GET', { bucket: `bucket-${index % 50}-1250000000` }),
  );
  await expect.poll(() => upstream.requests.length, PATIENTLY).toBe(16);
  for (let i = 0; i < 20; i += 1) expect((await gateway.call('GET', well)).status).toBe(200);
  const codes = await Promise.all(
    hanging.map(async (answer) => ((await (await answer).json()) as { code: string }).code),
  );
  // In time none had an answer; those that found no place were told so, and sent nothing.
  expect(new Set(codes)).toEqual(new Set(['upstream-timeout', 'overloaded']));
  const sent = upstream.requests.filter(({ host }) => !host.startsWith(OTHER_BUCKET));
  expect(sent).toHaveLength(codes.filter((code) => code === 'upstream-timeout').length);
  await expect.poll(() => upstream.openSockets().length, PATIENTLY).toBe(1);
});

test('reads of one bucket are so many at a time, and the others wait their turn', async () => {
  let underWay = 0;
  let most = 0;
  const { gateway, upstream } = await start(
    (socket, { method }) => {
      underWay += 1;
      most = Math.max(most, underWay);
      setTimeout(() => {
        underWay -= 1;
        socket.write(normalAnswer(method));
      }, 10);
    },
    { upstream: 'readsPerBucket: 3', limits: 'concurrentRequestsPerTenant: 1000' },
  );
  const answers = await Promise.all(Array.from({ length: 40 }, () => gateway.call('GET')));
  expect(answers.map(({ status }) => status)).toEqual(Array(40).fill(200));
  expect(most).toBe(3);
  expect(upstream.connectionCount()).toBe(3);
});
