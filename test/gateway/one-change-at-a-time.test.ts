import { expect, test } from 'vitest';
import { SLIM_CONFIGURATIONS } from '../../src/slim/slim-configuration.ts';
import {
  BUCKET,
  type GatewayOptions,
  OTHER_BUCKET,
  type RunningGateway,
  startGateway,
} from '../support/gateway.ts';
import { normalAnswer, type Reply, startRawUpstream } from '../support/raw-upstream.ts';

const PATIENTLY = { timeout: 10_000 } as const;
const API = { modes: ['API'] };
const AUTO = { modes: ['Auto'], suffixes: ['jpg'] };

async function start(reply: Reply, options: GatewayOptions = {}) {
  const upstream = await startRawUpstream(reply);
  return { upstream, gateway: await startGateway({ connect: upstream, ...options }) };
}

/** An upstream that answers reads, and changes when it is told to. */
async function startHolding(options: GatewayOptions = {}) {
  const held: (() => void)[] = [];
  const { upstream, gateway } = await start((socket, { method }) => {
    const answer = () => void socket.write(normalAnswer(method));
    if (method === 'GET') answer();
    else held.push(answer);
  }, options);
  /** Answer the oldest change, once there is one. */
  const answerOne = async () => {
    await expect.poll(() => held.length, PATIENTLY).toBeGreaterThan(0);
    held.shift()?.();
  };
  return { upstream, gateway, answerOne };
}

const changes = ({ requests }: { requests: readonly { method: string }[] }) =>
  requests.filter(({ method }) => method !== 'GET');

/** Counts the changes that have come to the line. */
function countArrivals({ services }: RunningGateway): () => number {
  let count = 0;
  const { changesOfBucket } = services.lines;
  const { enter } = changesOfBucket;
  Object.assign(changesOfBucket, {
    enter(key: string) {
      count += 1;
      return enter(key);
    },
  });
  return () => count;
}

async function closedRecords(gateway: RunningGateway, kind: string) {
  await gateway.close();
  return gateway.records().filter((record) => record.kind === kind);
}

test('changes of one bucket go upstream one at a time, in the order of their intents', async () => {
  let underWay = 0;
  const { upstream, gateway } = await start((socket, { method }) => {
    underWay += 1;
    expect(underWay).toBe(1);
    setTimeout(() => {
      underWay -= 1;
      socket.write(normalAnswer(method));
    }, 5);
  });
  const answers = await Promise.all(
    SLIM_CONFIGURATIONS.map((configuration) => {
      const { modes, suffixes } = configuration;
      return gateway.call('PUT', { body: suffixes.length > 0 ? { modes, suffixes } : { modes } });
    }),
  );
  expect(answers.map(({ status }) => status)).toEqual(Array(15).fill(200));
  const intents = await closedRecords(gateway, 'intent');
  const accepted = intents.map(({ operation }) => {
    const { modes, suffixes } = operation as { modes: string[]; suffixes: string[] };
    return [modes.join(), ...suffixes].join(' ');
  });
  const applied = upstream.requests.map(({ body }) =>
    [...body.matchAll(/<(?:SlimMode|Suffix)>([\w,]+)</g)].map(([, value]) => value).join(' '),
  );
  expect(applied).toEqual(accepted);
});

test('a change that is sent again is never overtaken by a later one', async () => {
  const { upstream, gateway } = await start((socket, { method, connection }) => {
    const isFirstAttempt = method === 'PUT' && connection === 1;
    if (isFirstAttempt) setTimeout(() => socket.resetAndDestroy(), 100);
    else setTimeout(() => socket.write(normalAnswer(method)), method === 'PUT' ? 100 : 0);
  });
  await gateway.call('GET');
  const first = gateway.call('PUT', { body: API });
  await expect.poll(() => changes(upstream).length, PATIENTLY).toBe(1);
  const second = gateway.call('DELETE');
  expect((await first).status).toBe(200);
  expect((await second).status).toBe(204);
  expect(changes(upstream).map(({ method }) => method)).toEqual(['PUT', 'PUT', 'DELETE']);
});

test('reads, and changes of other buckets, wait for no change', async () => {
  const { gateway, upstream, answerOne } = await startHolding();
  const held = gateway.call('PUT', { body: AUTO });
  await expect.poll(() => changes(upstream).length, PATIENTLY).toBe(1);
  expect((await gateway.call('GET')).status).toBe(200);
  const elsewhere = [
    gateway.call('DELETE', { bucket: OTHER_BUCKET }),
    gateway.call('DELETE', { bucket: BUCKET, region: 'ap-guangzhou' }),
  ];
  await expect.poll(() => changes(upstream).length, PATIENTLY).toBe(3);
  for (let i = 0; i < 3; i += 1) await answerOne();
  const answers = await Promise.all([held, ...elsewhere]);
  expect(answers.map(({ status }) => status)).toEqual([200, 204, 204]);
});

/** Ways to be refused a turn; the line is held by another change, and one more may wait. */
const REFUSED: Readonly<Record<string, { limits: string; calls: number }>> = {
  'the line is full': { limits: 'changesWaitingPerBucket: 1', calls: 2 },
  'the wait is too long': { limits: 'turnWaitMs: 100', calls: 1 },
};

test.each(Object.entries(REFUSED))(
  'when %s a change is refused with 503, and nothing is sent or intended',
  async (_, { limits, calls }) => {
    const { gateway, upstream, answerOne } = await startHolding({ limits });
    const first = gateway.call('PUT', { body: AUTO });
    await expect.poll(() => changes(upstream).length, PATIENTLY).toBe(1);
    const others = Array.from({ length: calls }, () => gateway.call('DELETE'));
    const refused = await Promise.any(
      others.map(async (other) => {
        const answer = await other;
        return answer.status === 503 ? answer : Promise.reject(new Error('it was not refused'));
      }),
    );
    expect(refused.headers.get('retry-after')).toMatch(/^[1-9]\d?$/);
    const requestId = refused.headers.get('x-request-id');
    expect(await refused.json()).toMatchObject({ code: 'overloaded', requestId });
    for (let i = 0; i < calls; i += 1) await answerOne();
    expect((await first).status).toBe(200);
    await Promise.all(others);

    expect(changes(upstream)).toHaveLength(calls);
    const records = (await closedRecords(gateway, 'closing')).concat(
      gateway.records().filter(({ kind }) => kind === 'intent'),
    );
    expect(records.filter((record) => record.requestId === requestId)).toMatchObject([
      { kind: 'closing', outcome: 'refused', code: 'overloaded', attempts: 0 },
    ]);
  },
);

test('a caller that goes away leaves the line without an intent', async () => {
  const { gateway, upstream, answerOne } = await startHolding();
  const arrived = countArrivals(gateway);
  const first = gateway.call('PUT', { body: AUTO });
  await expect.poll(arrived, PATIENTLY).toBe(1);
  const gone = new AbortController();
  const url = `${gateway.url}/v1/regions/ap-shanghai/buckets/${BUCKET}/image-slim`;
  const headers = { authorization: `Bearer ${gateway.token('photos')}` };
  const waiting = fetch(url, { method: 'DELETE', headers, signal: gone.signal });
  waiting.catch(() => {});
  await expect.poll(arrived, PATIENTLY).toBe(2);
  gone.abort();
  await expect.poll(gateway.logged, PATIENTLY).toContain('"code":"overloaded"');

  const third = gateway.call('PUT', { body: API });
  await answerOne();
  await answerOne();
  expect([(await first).status, (await third).status]).toEqual([200, 200]);
  expect(changes(upstream).map(({ method }) => method)).toEqual(['PUT', 'PUT']);
  const intents = await closedRecords(gateway, 'intent');
  expect(intents.map(({ method }) => method)).toEqual(['PUT', 'PUT']);
});

test('after a change that was given up, the next one waits until it has settled', async () => {
  const settleMs = 500;
  const at: number[] = [];
  const { gateway } = await start(
    (socket, { method }) => {
      at.push(performance.now());
      if (method === 'DELETE') socket.write(normalAnswer(method));
      else socket.on('close', () => at.push(performance.now()));
    },
    { upstream: `timeoutMs: 200\nsettleMs: ${settleMs}` },
  );
  expect((await gateway.call('PUT', { body: AUTO })).status).toBe(504);
  expect((await gateway.call('DELETE')).status).toBe(204);
  const [, givenUp = 0, next = 0] = at;
  // The upstream may notice late that it was given up.
  expect(next - givenUp).toBeGreaterThan(settleMs / 2);
});

test('after a change that got an answer, whatever it was, the next one waits for nothing', async () => {
  const { gateway } = await start(
    (socket, { method }) => {
      const status = method === 'PUT' ? '500 Odd' : '204 No Content';
      socket.write(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n`);
    },
    { upstream: 'settleMs: 60000', limits: 'changesWaitingPerBucket: 0' },
  );
  expect((await gateway.call('PUT', { body: AUTO })).status).toBe(502);
  expect((await gateway.call('DELETE')).status).toBe(204);
});

test('a change whose intent cannot be recorded gives its turn back', async () => {
  const { gateway } = await start((socket, { method }) => void socket.write(normalAnswer(method)), {
    limits: 'changesWaitingPerBucket: 0',
  });
  const { journal } = gateway.services;
  const append = journal.append;
  Object.assign(journal, { append: () => Promise.reject(new TypeError('a fault of ours')) });
  expect((await gateway.call('DELETE')).status).toBe(500);
  Object.assign(journal, { append });
  expect((await gateway.call('DELETE')).status).toBe(204);
});
