import { expect, test } from 'vitest';
import { parseLocalCloud } from '../../../src/simulator/local-cloud.ts';
import {
  type Misbehaviour,
  misbehaviourSchema,
} from '../../../src/simulator/misbehaviour/misbehaviour.ts';
import { createMisbehaviours } from '../../../src/simulator/misbehaviour/misbehaviours.ts';
import {
  errorCode,
  LOCAL_KEYS,
  type PlainAnswer,
  send,
  startLocalCloud,
} from '../../support/local-cloud.ts';
import { COS_HOST, objectRequest } from '../../support/objects.ts';
import { signed } from '../../support/official-signature.ts';
import { exchange } from '../../support/raw-exchange.ts';

const EXAMPLE = { bucket: 'examplebucket-1250000000', region: 'ap-shanghai' };
const GET = { ...EXAMPLE, operation: 'GetImageSlim' };
const PUT = { ...EXAMPLE, operation: 'PutImageSlim' };

function standing(...misbehaviours: readonly Misbehaviour[]) {
  let now = new Date('2026-01-01T00:00:00Z');
  const made = createMisbehaviours(misbehaviours, () => now);
  const advance = (ms: number) => {
    now = new Date(now.getTime() + ms);
  };
  return { ...made, advance, kindFor: (asked: typeof GET) => made.take(asked)?.kind ?? null };
}

test('a misbehaviour without an address fits everything', () => {
  const { kindFor, take } = standing({ kind: 'drip' });
  expect([kindFor(GET), kindFor(PUT)]).toEqual(['drip', 'drip']);
  expect(take({ bucket: null, region: null, operation: null })?.kind).toBe('drip');
});

test('bucket and operation must both fit, and the first that fits is taken', () => {
  const { kindFor } = standing(
    { kind: 'throttled', bucket: 'other-1250000000' },
    { kind: 'redirect', ...EXAMPLE, operation: 'PutImageSlim' },
    { kind: 'delay', operation: 'PutImageSlim' },
  );
  expect(kindFor(PUT)).toBe('redirect');
  expect(kindFor(GET)).toBeNull();
  expect(kindFor({ ...PUT, bucket: 'third-1250000000' })).toBe('delay');
});

test('it ends after its count, and the next one takes over', () => {
  const { kindFor, list } = standing({ kind: 'delay', times: 2 }, { kind: 'drip', times: 1 });
  expect(list()).toMatchObject([{ kind: 'delay', timesLeft: 2 }, { kind: 'drip' }]);
  expect([1, 2, 3, 4].map(() => kindFor(GET))).toEqual(['delay', 'delay', 'drip', null]);
  expect(list()).toEqual([]);
});

test('what does not fit is not counted', () => {
  const { kindFor } = standing({ kind: 'delay', times: 1, operation: 'PutImageSlim' });
  expect([kindFor(GET), kindFor(GET), kindFor(PUT), kindFor(PUT)]).toEqual([
    null,
    null,
    'delay',
    null,
  ]);
});

test('it ends after its time, which begins when it is ordered', () => {
  const { kindFor, list, replace, advance } = standing({ kind: 'delay', forMs: 1000 });
  expect(list()[0]?.endsAt).toBe('2026-01-01T00:00:01.000Z');
  advance(999);
  expect(kindFor(GET)).toBe('delay');
  advance(1);
  expect([kindFor(GET), list()]).toEqual([null, []]);
  replace([{ kind: 'drip', forMs: 10 }]);
  expect(kindFor(GET)).toBe('drip');
});

const REFUSED: readonly { name: string; given: object; says: RegExp }[] = [
  { name: 'an unknown kind', given: { kind: 'mischief' }, says: /must be one of delay, drip/ },
  { name: 'another kind’s parameter', given: { kind: 'drip', delayMs: 1 }, says: /delayMs/ },
  { name: 'an unknown operation', given: { kind: 'drip', operation: 'Get' }, says: /one of Put/ },
  { name: 'a bucket without its APPID', given: { kind: 'drip', bucket: 'a' }, says: /APPID/ },
  { name: 'no time at all', given: { kind: 'drip', times: 0 }, says: /1/ },
  {
    name: 'a status that is no failure',
    given: { kind: 'server-error', status: 200 },
    says: /500/,
  },
  {
    name: 'a header in a location',
    given: { kind: 'redirect', location: 'a\r\nb' },
    says: /print/,
  },
];

test.for(REFUSED)('refused: $name', ({ given, says }) => {
  expect(misbehaviourSchema.safeParse(given).error?.message).toMatch(says);
});

const cloudWith = (misbehaviour: string) =>
  parseLocalCloud(`
accounts:
  - appId: '1250000000'
    uin: '100000000001'
    subAccounts:
      - name: media
        uin: '100000000011'
        keys: [${JSON.stringify(LOCAL_KEYS.media)}]
        policies: [{ version: '2.0', statement: { effect: allow, action: '*', resource: '*' } }]
buckets: [{ name: examplebucket-1250000000, region: ap-shanghai, bound: true }]
misbehaviour: [${misbehaviour}]
`);

test('the cloud’s YAML orders misbehaviour, and its faults are told with their path', async () => {
  const simulator = await startLocalCloud({ cloud: cloudWith('{ kind: throttled, times: 1 }') });
  const codes: (string | undefined)[] = [];
  for (let count = 0; count < 2; count += 1) {
    codes.push(errorCode((await send(simulator.url, { headers: signed() })).body));
  }
  expect(codes).toEqual(['SlowDown', undefined]);
  expect(simulator.received().map(({ misbehaviour }) => misbehaviour)).toEqual(['throttled', null]);
  expect(() => cloudWith('{ kind: drip, speed: 1 }')).toThrow(
    expect.objectContaining({ problems: [expect.stringMatching(/^misbehaviour\.0: .*"speed"/)] }),
  );
});

test('an object’s download misbehaves like everything else, and an upload is not applied', async () => {
  const simulator = await startLocalCloud({ testMode: true });
  const ordered = (kind: string, request: ReturnType<typeof objectRequest>) => ({
    ...request,
    headers: { ...request.headers, 'x-slimgate-misbehave': kind },
  });
  const upload = objectRequest('/a.txt', { method: 'PUT', body: '0123456789'.repeat(1000) });
  expect((await send(simulator.url, ordered('throttled', upload))).status).toBe(503);
  expect((await send(simulator.url, objectRequest('/a.txt'))).status).toBe(404);
  expect((await send(simulator.url, upload)).status).toBe(200);
  const half = await exchange(
    simulator.port,
    ordered('truncated-body', { path: '/a.txt', ...objectRequest('/a.txt') }),
  );
  const [head = '', body = ''] = half.text.split('\r\n\r\n');
  expect(head).toContain('Content-Length: 10000');
  expect([body.length, half.end]).toEqual([5000, 'closed']);
  const [refused] = simulator.received();
  expect(refused).toMatchObject({ misbehaviour: 'throttled', operation: 'PutObject', body: '' });
  expect(refused?.bodyDigest?.bytes).toBe(10_000);
});

test('without test mode the header is only a header', async () => {
  const simulator = await startLocalCloud();
  const headers = { ...signed(), 'x-slimgate-misbehave': 'throttled' };
  expect((await send(simulator.url, { headers })).status).toBe(200);
});

test.for([
  ['mischief', /x-slimgate-misbehave\.kind: must be one of delay/],
  ['delay;times=3', /x-slimgate-misbehave: Unrecognized key: &quot;times&quot;/],
  ['delay;delayMs=soon', /x-slimgate-misbehave\.delayMs: /],
] as const)('an order that is none is refused by name: %s', async ([order, says]) => {
  const simulator = await startLocalCloud({ testMode: true });
  const headers = { ...signed(), 'x-slimgate-misbehave': order };
  const answer: PlainAnswer = await send(simulator.url, { headers });
  expect([answer.status, errorCode(answer.body)]).toEqual([400, 'InvalidArgument']);
  expect(answer.body).toMatch(says);
  expect(simulator.received()).toMatchObject([{ error: 'InvalidArgument', misbehaviour: null }]);
});

test('a request that is nothing the cloud knows still meets what fits everything', async () => {
  const cloud = cloudWith('{ kind: server-error-page }');
  const simulator = await startLocalCloud({ cloud });
  const answer = await send(simulator.url, { path: '/x?acl', headers: { Host: COS_HOST } });
  expect(answer.status).toBe(502);
  expect(simulator.received()).toMatchObject([{ operation: null, bucket: EXAMPLE.bucket }]);
});

test('STS misbehaves by its actions, whose names its requests carry', async () => {
  const cloud = cloudWith('{ kind: throttled, operation: AssumeRole }');
  const simulator = await startLocalCloud({ cloud });
  const call = (action: string) =>
    send(simulator.url, {
      method: 'POST',
      path: '/',
      headers: { Host: 'sts.localhost', 'X-TC-Action': action, 'Content-Length': '2' },
      body: '{}',
    });
  expect((await call('GetCallerIdentity')).body).toContain('UnsupportedProtocol');
  expect(errorCode((await call('AssumeRole')).body)).toBe('SlowDown');
  expect(simulator.received()).toMatchObject([
    { misbehaviour: null },
    { misbehaviour: 'throttled', operation: 'AssumeRole', bucket: null, body: '{}' },
  ]);
});
