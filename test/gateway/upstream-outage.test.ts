import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { OTHER_BUCKET, type RunningGateway, startGateway } from '../support/gateway.ts';
import { answerText, normalAnswer, startRawUpstream } from '../support/raw-upstream.ts';

const ELSEWHERE = { bucket: OTHER_BUCKET, region: 'ap-guangzhou' };
const PAUSE_MS = 300_000;

/** A clock that moves when it is told to, so that no machine is too slow for a pause. */
function handClock() {
  let at = Date.now();
  return {
    now: () => new Date(at),
    advance: (ms: number) => {
      at += ms;
    },
  };
}

type HandClock = ReturnType<typeof handClock>;

/** A gateway whose upstream resets every call to Shanghai until something else is done with it. */
async function startFailing() {
  const shanghai = { reply: (socket: Socket, _method: string) => void socket.resetAndDestroy() };
  const upstream = await startRawUpstream((socket, { method, host }) => {
    if (host.includes('ap-shanghai')) shanghai.reply(socket, method);
    else socket.write(normalAnswer(method));
  });
  const clock = handClock();
  const gateway = await startGateway({
    connect: upstream,
    upstream: `settleMs: 0\noutage: { failures: 5, pauseMs: ${PAUSE_MS} }`,
    now: clock.now,
  });
  return { shanghai, upstream, gateway, clock };
}

/**
 * Fail again and again, on several buckets, until the gateway has had enough. It asks later what
 * became of a change; of a query there is nothing to ask, so all that is sent is the test's own.
 */
async function failUntilHeld(
  { gateway, clock }: { gateway: RunningGateway; clock: HandClock },
  buckets: readonly string[],
): Promise<void> {
  for (let isHeld = false; !isHeld; clock.advance(400)) {
    const calls = buckets.map((bucket) => gateway.call('GET', { bucket }));
    isHeld = (await Promise.all(calls)).every(({ status }) => status === 503);
  }
}

const outagesOf = async (gateway: RunningGateway) => {
  const answer = await fetch(`${gateway.adminUrl}/readyz`);
  const { upstream } = (await answer.json()) as { upstream: { outages: { scope: string }[] } };
  return { status: answer.status, scopes: upstream.outages.map(({ scope }) => scope) };
};

const BUCKETS = ['one-1250000000', 'two-1250000000', 'three-1250000000'];

test('a region that keeps failing is left alone, found well again, and others never notice', async () => {
  const { shanghai, upstream, gateway, clock } = await startFailing();
  await failUntilHeld({ gateway, clock }, BUCKETS);

  const sentTo = (bucket: string) =>
    upstream.requests.filter(({ host }) => host.startsWith(`${bucket}.`));
  const refused = await gateway.call('PUT', {
    body: { modes: ['API'] },
    bucket: 'four-1250000000',
  });
  const requestId = refused.headers.get('x-request-id');
  expect(refused.headers.get('retry-after')).toMatch(/^(299|300)$/);
  expect(await refused.json()).toMatchObject({ status: 503, code: 'upstream-unavailable' });
  expect((await gateway.call('GET', ELSEWHERE)).status).toBe(200);
  expect(sentTo('four-1250000000')).toHaveLength(0);
  expect(sentTo(OTHER_BUCKET)).toHaveLength(1);
  expect(await outagesOf(gateway)).toMatchObject({
    status: 200,
    scopes: expect.arrayContaining(['region']),
  });

  shanghai.reply = (socket, method) => void socket.write(normalAnswer(method));
  clock.advance(PAUSE_MS);
  expect((await gateway.call('GET', { bucket: 'four-1250000000' })).status).toBe(200);
  await gateway.close();
  expect(gateway.records().filter((record) => record.requestId === requestId)).toMatchObject([
    { kind: 'closing', outcome: 'refused', code: 'upstream-unavailable', attempts: 0 },
  ]);
  const lines = gateway.logged().match(/"scope":"region".*an outage of the upstream is \w+/g);
  expect(lines?.map((line) => /begun|over/.exec(line)?.[0])).toEqual(['begun', 'over']);
});

test('one call at a time finds out whether the upstream is well again', async () => {
  const { shanghai, gateway, clock } = await startFailing();
  await failUntilHeld({ gateway, clock }, BUCKETS);
  clock.advance(PAUSE_MS);
  const trials: Socket[] = [];
  shanghai.reply = (socket) => void trials.push(socket);
  const refused: number[] = [];
  const calls = Array.from({ length: 20 }, async (_, index) => {
    const { status } = await gateway.call('GET', { bucket: `bucket-${index}-1250000000` });
    // Only once all the others have had their answer does the one that tries get its own.
    if (status === 503 && refused.push(status) === 19) trials[0]?.resetAndDestroy();
    return status;
  });
  const statuses = await Promise.all(calls);
  expect(statuses.toSorted()).toEqual([502, ...Array(19).fill(503)]);
  expect(trials).toHaveLength(1);
});

test('a bucket that keeps failing is left alone, and other buckets of its region are not', async () => {
  const upstream = await startRawUpstream((socket, { method, host }) => {
    if (host.startsWith('bad-')) socket.write(answerText('500 Odd'));
    else socket.write(normalAnswer(method));
  });
  const clock = handClock();
  const gateway = await startGateway({
    connect: upstream,
    upstream: 'outage: { failures: 5 }',
    now: clock.now,
  });
  await failUntilHeld({ gateway, clock }, ['bad-1250000000']);
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
  const clock = handClock();
  const gateway = await startGateway({
    connect: upstream,
    upstream: 'outage: { failures: 2 }',
    now: clock.now,
  });
  for (let i = 0; i < 24; i += 1) {
    await gateway.call('GET');
    clock.advance(60);
  }
  expect(upstream.requests).toHaveLength(24);
  expect(await outagesOf(gateway)).toMatchObject({ scopes: [] });
});
