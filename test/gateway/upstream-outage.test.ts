import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { OTHER_BUCKET, type RunningGateway, startGateway } from '../support/gateway.ts';
import { answerText, normalAnswer, startRawUpstream } from '../support/raw-upstream.ts';

const PATIENTLY = { timeout: 10_000 } as const;
const ELSEWHERE = { bucket: OTHER_BUCKET, region: 'ap-guangzhou' };

/** A gateway whose upstream resets every call to Shanghai until it is mended. */
async function startFailing(upstreamSettings: string) {
  const state = { isMended: false };
  const upstream = await startRawUpstream((socket, { method, host }) => {
    const isWell = state.isMended || !host.includes('ap-shanghai');
    if (isWell) socket.write(normalAnswer(method));
    else socket.resetAndDestroy();
  });
  const gateway = await startGateway({
    connect: upstream,
    upstream: `settleMs: 0\n${upstreamSettings}`,
  });
  return { state, upstream, gateway };
}

/** Fail again and again, on several buckets, until the gateway has had enough. */
async function failUntilHeld(gateway: RunningGateway, buckets: readonly string[]): Promise<void> {
  const failOnce = async () => {
    const statuses = await Promise.all(
      buckets.map(async (bucket) => (await gateway.call('DELETE', { bucket })).status),
    );
    return statuses.every((status) => status === 503);
  };
  await expect.poll(failOnce, { ...PATIENTLY, interval: 150 }).toBe(true);
}

const outagesOf = async (gateway: RunningGateway) => {
  const answer = await fetch(`${gateway.adminUrl}/readyz`);
  const { upstream } = (await answer.json()) as { upstream: { outages: { scope: string }[] } };
  return { status: answer.status, scopes: upstream.outages.map(({ scope }) => scope) };
};

const BUCKETS = ['one-1250000000', 'two-1250000000', 'three-1250000000'];

test('a region that keeps failing is left alone, found well again, and others never notice', async () => {
  const { state, upstream, gateway } = await startFailing('outage: { failures: 5, pauseMs: 1500 }');
  await failUntilHeld(gateway, BUCKETS);

  const sentTo = (bucket: string) =>
    upstream.requests.filter(({ host }) => host.startsWith(`${bucket}.`));
  const refused = await gateway.call('PUT', {
    body: { modes: ['API'] },
    bucket: 'four-1250000000',
  });
  const requestId = refused.headers.get('x-request-id');
  expect(refused.headers.get('retry-after')).toMatch(/^[12]$/);
  expect(await refused.json()).toMatchObject({ status: 503, code: 'upstream-unavailable' });
  expect((await gateway.call('GET', ELSEWHERE)).status).toBe(200);
  expect(sentTo('four-1250000000')).toHaveLength(0);
  expect(sentTo(OTHER_BUCKET)).toHaveLength(1);
  expect(await outagesOf(gateway)).toMatchObject({
    status: 200,
    scopes: expect.arrayContaining(['region']),
  });

  state.isMended = true;
  const isWell = async () => (await gateway.call('GET', { bucket: 'four-1250000000' })).status;
  await expect.poll(isWell, { ...PATIENTLY, interval: 100 }).toBe(200);
  await gateway.close();
  expect(gateway.records().filter((record) => record.requestId === requestId)).toMatchObject([
    { kind: 'closing', outcome: 'refused', code: 'upstream-unavailable', attempts: 0 },
  ]);
  const lines = gateway.logged().match(/"scope":"region".*an outage of the upstream is \w+/g);
  expect(lines?.map((line) => /begun|over/.exec(line)?.[0])).toEqual(['begun', 'over']);
});

test('one call at a time finds out whether the upstream is well again', async () => {
  const { state, upstream, gateway } = await startFailing('outage: { failures: 5, pauseMs: 500 }');
  await failUntilHeld(gateway, BUCKETS);
  await wait(600);
  const before = upstream.requests.length;
  const calls = Array.from({ length: 20 }, (_, index) =>
    gateway.call('GET', { bucket: `bucket-${index}-1250000000` }),
  );
  const statuses = (await Promise.all(calls)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 502)).toHaveLength(1);
  expect(statuses.filter((status) => status === 503)).toHaveLength(19);
  expect(upstream.requests).toHaveLength(before + 1);
  state.isMended = true;
});

test('a bucket that keeps failing is left alone, and other buckets of its region are not', async () => {
  const upstream = await startRawUpstream((socket, { method, host }) => {
    if (host.startsWith('bad-')) socket.write(answerText('500 Odd'));
    else socket.write(normalAnswer(method));
  });
  const gateway = await startGateway({ connect: upstream, upstream: 'outage: { failures: 5 }' });
  await failUntilHeld(gateway, ['bad-1250000000']);
  expect((await gateway.call('GET')).status).toBe(200);
  expect(await outagesOf(gateway)).toMatchObject({ status: 200, scopes: ['bucket'] });
});

test('refusals of the upstream, however many, are no outage', async () => {
  const statuses = ['400 Bad', '403 No', '404 None', '409 No', '429 Slow', '302 Away'];
  let count = 0;
  const upstream = await startRawUpstream((socket) => {
    count += 1;
    socket.write(answerText(statuses[count % statuses.length] ?? ''));
  });
  const gateway = await startGateway({ connect: upstream, upstream: 'outage: { failures: 2 }' });
  for (let i = 0; i < 24; i += 1) {
    await gateway.call('GET');
    await wait(60);
  }
  expect(upstream.requests).toHaveLength(24);
  expect(await outagesOf(gateway)).toMatchObject({ scopes: [] });
});
