import { expect, test } from 'vitest';
import {
  BUCKET,
  type GatewayOptions,
  REGION,
  type RunningGateway,
  startGateway,
} from '../support/gateway.ts';
import { answerText, normalAnswer, type Reply, startRawUpstream } from '../support/raw-upstream.ts';

const ALWAYS = { state: '{ readBefore: always }' };
const API = { modes: ['API'] };
const AUTO = { modes: ['Auto'], suffixes: ['jpg'] };
const NOT_READ = { status: null, modes: null, suffixes: null };

/** The records of requests on buckets: the first ones of a journal are of other things. */
const onBuckets = (gateway: RunningGateway) =>
  gateway.records().filter(({ operation }) => (operation as { bucket?: unknown } | null)?.bucket);

const refusal = (status: string, code: string) =>
  answerText(status, `<Error><Code>${code}</Code></Error>`, ['x-cos-request-id: cmVhZA==']);

/** An upstream that takes every change, and answers reads as it is told to. */
async function startReading(reply: Reply, options: GatewayOptions = {}) {
  const upstream = await startRawUpstream((socket, request) => {
    if (request.method === 'GET') reply(socket, request);
    else socket.write(normalAnswer(request.method));
  });
  const gateway = await startGateway({ ...ALWAYS, connect: upstream, ...options });
  return { upstream, gateway, methods: () => upstream.requests.map(({ method }) => method) };
}

test('the state before each change is in its intent and its closing', async () => {
  const gateway = await startGateway(ALWAYS);
  for (const [method, body] of [['PUT', AUTO], ['PUT', API], ['DELETE'], ['PUT', AUTO]] as const) {
    expect((await gateway.call(method, body && { body })).ok).toBe(true);
  }
  expect((await gateway.call('GET')).status).toBe(200);
  await gateway.close();

  const records = onBuckets(gateway);
  const statesOf = (wanted: string) =>
    records
      .filter(({ kind, method }) => kind === wanted && method !== 'GET')
      .map(({ stateBefore }) => stateBefore);
  expect(statesOf('intent')).toEqual([
    { status: 'off', modes: [], suffixes: [], code: null },
    { status: 'on', modes: ['Auto'], suffixes: ['jpg'], code: null },
    { status: 'on', modes: ['API'], suffixes: [], code: null },
    { status: 'off', modes: ['API'], suffixes: [], code: null },
  ]);
  expect(statesOf('closing')).toEqual(statesOf('intent'));
  const read = records.find(({ method }) => method === 'GET');
  expect(read?.stateBefore).toEqual({ ...NOT_READ, code: null });
  const received = gateway.simulator.received();
  expect(received.map(({ method }) => method).join()).toBe(
    'GET,PUT,GET,PUT,GET,DELETE,GET,PUT,GET',
  );
  expect(new Set(received.map(({ secretId }) => secretId))).toEqual(new Set(['AKIDmedia']));
});

test('a dry run reads nothing', async () => {
  const gateway = await startGateway(ALWAYS);
  expect((await gateway.call('DELETE', { query: '?dryRun=true' })).status).toBe(200);
  expect(gateway.simulator.received()).toEqual([]);
});

test('when needed, the state is read for If-Match alone', async () => {
  const gateway = await startGateway({ state: '{ readBefore: when-needed }' });
  expect((await gateway.call('PUT', { body: AUTO })).status).toBe(200);
  const headers = { 'if-match': '*' };
  expect((await gateway.call('PUT', { body: API, headers })).status).toBe(200);
  const received = gateway.simulator.received().map(({ method }) => method);
  expect(received).toEqual(['PUT', 'GET', 'PUT']);
  const intents = onBuckets(gateway).filter(({ kind }) => kind === 'intent');
  expect(intents.map(({ stateBefore }) => stateBefore)).toMatchObject([
    { ...NOT_READ, code: 'not-asked' },
    { status: 'on', code: null },
  ]);
});

test('never read, the state is not known, and If-Match is not offered', async () => {
  const gateway = await startGateway({ state: '{ readBefore: never }' });
  const refused = await gateway.call('DELETE', { headers: { 'if-match': '*' } });
  expect(await refused.json()).toMatchObject({ code: 'header-unsupported' });
  expect((await gateway.call('DELETE')).status).toBe(204);
  expect(gateway.simulator.received().map(({ method }) => method)).toEqual(['DELETE']);
});

/** Reads that fail in ways that say nothing of a change. */
const IN_THE_DARK: Readonly<Record<string, readonly [Reply, code: string]>> = {
  'the sub-account may not read': [
    (socket) => void socket.write(refusal('403 Forbidden', 'AccessDenied')),
    'upstream-access-denied',
  ],
  'an internal error': [
    (socket) => void socket.write(refusal('500 Odd', 'InternalError')),
    'upstream-failed',
  ],
  'a lost connection': [(socket) => void socket.resetAndDestroy(), 'upstream-failed'],
  'no answer in time': [() => {}, 'upstream-timeout'],
  'a document that cannot be read': [
    (socket) =>
      void socket.write(answerText('200 OK', '<ImageSlim><Status>x</Status></ImageSlim>')),
    'upstream-unexpected',
  ],
};

test.each(Object.entries(IN_THE_DARK))(
  'after %s a change goes on in the dark, but not one with If-Match',
  async (_, [reply, code]) => {
    const { gateway, methods } = await startReading(reply, { upstream: 'timeoutMs: 2000' });
    const refused = await gateway.call('PUT', { body: AUTO, headers: { 'if-match': '*' } });
    expect(await refused.json()).toMatchObject({
      code,
      detail: expect.stringContaining('nothing was changed'),
    });
    expect(methods()).not.toContain('PUT');
    expect((await gateway.call('PUT', { body: AUTO })).status).toBe(200);
    expect(methods().at(-1)).toBe('PUT');
    await gateway.close();
    const stateBefore = { ...NOT_READ, code };
    expect(onBuckets(gateway)).toMatchObject([
      { kind: 'closing', outcome: 'not_applied', code, stateBefore, attempts: 0 },
      { kind: 'intent', stateBefore },
      { kind: 'closing', outcome: 'applied', stateBefore, attempts: 1 },
    ]);
  },
);

test('that a sub-account may not read is one warning', async () => {
  const { gateway } = await startReading((socket) => {
    socket.write(refusal('403 Forbidden', 'AccessDenied'));
  });
  for (let i = 0; i < 3; i += 1) await gateway.call('DELETE');
  expect(gateway.logged().match(/grant `ci:DescribeImageSlim`/g)).toHaveLength(1);
});

/** Refusals after which a change would fare no better. */
const POINTLESS: Readonly<Record<string, readonly [status: string, code: string]>> = {
  NoSuchBucket: ['404 Not Found', 'no-such-bucket'],
  UpsAppNotExist: ['409 Conflict', 'bucket-not-bound'],
  RegionUnsupport: ['400 Bad Request', 'region-unsupported'],
  InvalidAccessKeyId: ['403 Forbidden', 'upstream-credentials'],
  SlowDown: ['503 Slow Down', 'upstream-throttled'],
};

test('a refusal that a change would meet as well is its answer, and nothing is sent', async () => {
  const codes = Object.keys(POINTLESS);
  const { gateway, methods } = await startReading((socket, { host }) => {
    const code = codes[Number(/^refused-(\d)/.exec(host)?.[1])] ?? '';
    socket.write(refusal(POINTLESS[code]?.[0] ?? '', code));
  });
  for (const [index, upstreamCode] of codes.entries()) {
    const answer = await gateway.call('DELETE', { bucket: `refused-${index}-1250000000` });
    const code = POINTLESS[upstreamCode]?.[1];
    expect(await answer.json()).toMatchObject({ code, upstream: { code: upstreamCode } });
  }
  expect(new Set(methods())).toEqual(new Set(['GET']));
  await gateway.close();
  const records = onBuckets(gateway);
  expect(records).toMatchObject(
    codes.map((upstreamCode) => ({
      kind: 'closing',
      outcome: 'not_applied',
      code: POINTLESS[upstreamCode]?.[1],
      upstreamCode,
      upstreamRequestId: 'cmVhZA==',
      attempts: 0,
    })),
  );
});

test('reading and changing share the time of one call', async () => {
  const upstream = await startRawUpstream(() => {});
  const gateway = await startGateway({
    ...ALWAYS,
    connect: upstream,
    upstream: 'timeoutMs: 2000\nsettleMs: 0',
  });
  const startedAt = performance.now();
  expect((await gateway.call('DELETE')).status).toBe(504);
  expect(performance.now() - startedAt).toBeLessThan(3_500);
  expect(upstream.requests.map(({ method }) => method)).toEqual(['GET', 'DELETE']);
});

test('a change is sent when the state before is not certain, and its record says so', async () => {
  const document = '<ImageSlim><SlimMode>API</SlimMode></ImageSlim>';
  const { gateway, methods } = await startReading((socket) => {
    socket.write(answerText('200 OK', document));
  });
  expect((await gateway.call('PUT', { body: API })).status).toBe(200);
  expect(methods()).toEqual(['GET', 'PUT']);
  const intent = onBuckets(gateway).find(({ kind }) => kind === 'intent');
  expect(intent?.stateBefore).toEqual({
    status: 'on',
    modes: ['API'],
    suffixes: [],
    code: 'not-certain',
  });
});

test('a change to what is so already is answered, recorded as such, and not sent', async () => {
  const gateway = await startGateway(ALWAYS);
  const set = await gateway.call('PUT', { body: AUTO });
  const again = await gateway.call('PUT', { body: AUTO });
  // A receipt is of what was sent.
  const { receipt, ...answered } = (await set.json()) as Record<string, unknown>;
  expect([again.status, await again.json()]).toEqual([200, answered]);
  expect(again.headers.get('etag')).toBe(set.headers.get('etag'));
  expect(again.headers.get('slimgate-receipt')).toBeNull();
  expect((await gateway.call('DELETE')).status).toBe(204);
  expect((await gateway.call('DELETE')).status).toBe(204);
  await gateway.close();
  const received = gateway.simulator.received().filter(({ method }) => method !== 'GET');
  expect(received.map(({ method }) => method)).toEqual(['PUT', 'DELETE']);
  const noOps = onBuckets(gateway).filter(({ code }) => code === 'no-op');
  expect(noOps).toMatchObject([
    { kind: 'closing', method: 'PUT', outcome: 'not_applied', status: 200, attempts: 0 },
    { kind: 'closing', method: 'DELETE', outcome: 'not_applied', status: 204, attempts: 0 },
  ]);
  expect(onBuckets(gateway).filter(({ kind }) => kind === 'intent')).toHaveLength(2);
});

test('what is so already is sent when the caller or the configuration wants it sent', async () => {
  const gateway = await startGateway(ALWAYS);
  const headers = { prefer: 'handling=strict' };
  for (let i = 0; i < 2; i += 1) {
    const answer = await gateway.call('PUT', { body: AUTO, headers });
    expect(answer.headers.get('preference-applied')).toBe('handling=strict');
    expect(answer.headers.get('slimgate-receipt')).toMatch(/./);
  }
  const other = await startGateway({ state: '{ skipNoOp: false }' });
  for (let i = 0; i < 2; i += 1) await other.call('PUT', { body: AUTO });
  for (const { simulator } of [gateway, other]) {
    expect(simulator.received().filter(({ method }) => method === 'PUT')).toHaveLength(2);
    expect(simulator.stateOf(BUCKET, REGION)).toMatchObject({ status: 'on' });
  }
});
