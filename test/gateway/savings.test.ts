import http from 'node:http';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import type { Savings } from '../../src/savings/measure.ts';
import {
  type CallOptions,
  REGION,
  type RunningGateway,
  SECRET_KEY,
  startGateway,
  TABLE,
} from '../support/gateway.ts';
import { listenOn } from '../support/listen-on.ts';
import { EXAMPLE, officialClient } from '../support/objects.ts';
import { store } from '../support/stored-objects.ts';

const READING = `${TABLE}
  - id: photos-objects
    principal: tenant/photos
    effect: allow
    action: cos:GetObject
    resource: qcs::cos:ap-shanghai:uid/1250000000:examplebucket-1250000000/*
  - id: no-private-objects
    principal: tenant/photos
    effect: deny
    action: cos:GetObject
    resource: qcs::cos::uid/1250000000:examplebucket-1250000000/private/*
`;

const asked = (...keys: readonly string[]) =>
  `/savings?${keys.map((key) => `key=${encodeURIComponent(key)}`).join('&')}`;

/** The query stands behind the path of the setting, whose sub-path this is. */
const savings = (gateway: RunningGateway, query: string, options: CallOptions = {}) =>
  gateway.call('GET', { ...options, query });

interface Told extends Savings {
  readonly code: string;
  readonly detail: string;
  readonly decision: unknown;
}

/** Reads are recorded soon after they are answered; a checkpoint may follow. */
const lastClosing = (gateway: RunningGateway) =>
  gateway.records().findLast(({ kind }) => kind === 'closing');

const toldBy = async (answer: Response) => (await answer.json()) as Told;
const faultOf = (one: Savings['objects'][number] | undefined) =>
  one !== undefined && 'error' in one ? one.error.code : undefined;

const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="320" height="240">
  <radialGradient id="g"><stop stop-color="#fe9"/><stop offset="1" stop-color="#259"/></radialGradient>
  <rect width="320" height="240" fill="url(#g)"/><circle cx="200" cy="150" r="60" fill="#e42"/></svg>`;
const jpeg = sharp(Buffer.from(drawing)).jpeg({ quality: 96 }).toBuffer();
const png = sharp(Buffer.from(drawing)).png().toBuffer();

/** A gateway with objects in its bucket, and the official SDK beside it. */
async function withObjects(limits?: string) {
  const gateway = await startGateway({
    table: READING,
    ...(limits !== undefined && { savings: limits }),
  });
  const client = officialClient(gateway.simulator, {
    secretId: 'AKIDmedia',
    secretKey: SECRET_KEY,
  });
  await Promise.all([
    store(gateway, 'a.jpg', await jpeg),
    store(gateway, 'b.png', await png),
    store(gateway, 'odd//名 +&=?.jpg', await jpeg),
    store(gateway, 'text.jpg', Buffer.from('no picture at all')),
    store(gateway, 'tiny.jpg', Buffer.from('x')),
  ]);
  return { gateway, client };
}

test('bytes before and after are those that the official SDK gets, in each mode', async () => {
  const { gateway, client } = await withObjects();
  const sizeOf = async (Key: string, Query = {}) =>
    (await client.getObject({ ...EXAMPLE, Key, Query })).Body.length;
  const original = { 'a.jpg': (await jpeg).length, 'b.png': (await png).length };

  for (const [body, query] of [
    [{ modes: ['API'] }, { imageSlim: '' }],
    [{ modes: ['Auto'], suffixes: ['jpg'] }, {}],
    [{ modes: ['Auto', 'API'], suffixes: ['jpg', 'png'] }, { imageSlim: '' }],
  ] as const) {
    expect((await gateway.call('PUT', { body })).status).toBe(200);
    const answer = await savings(gateway, asked('a.jpg', 'b.png'));
    const told = await toldBy(answer);
    expect(answer.status, JSON.stringify(told)).toBe(200);
    const sizes = { 'a.jpg': await sizeOf('a.jpg', query), 'b.png': await sizeOf('b.png', query) };
    const expected = (['a.jpg', 'b.png'] as const).map((key) => ({
      key,
      originalBytes: original[key],
      compressedBytes: sizes[key],
      savedBytes: original[key] - sizes[key],
      isCompressed: sizes[key] < original[key],
    }));
    const sum = (name: 'originalBytes' | 'compressedBytes' | 'savedBytes') =>
      expected.reduce((total, one) => total + one[name], 0);
    expect(told).toEqual({
      status: 'on',
      modes: body.modes,
      suffixes: 'suffixes' in body ? body.suffixes : [],
      objects: expected,
      total: {
        objects: 2,
        originalBytes: sum('originalBytes'),
        compressedBytes: sum('compressedBytes'),
        savedBytes: sum('savedBytes'),
      },
      note: expect.stringMatching(/billed/),
    });
    expect(told.total.savedBytes).toBeGreaterThan(1_000);
  }
  await expect
    .poll(() => lastClosing(gateway))
    .toMatchObject({
      kind: 'closing',
      operation: { name: 'savings', action: 'ci:DescribeImageSlim' },
      outcome: 'not_applied',
      status: 200,
    });
});

test('an object that cannot be measured has its own error, and the others are measured', async () => {
  const { gateway } = await withObjects('objectBytes: 1048576');
  const keys = ['gone.jpg', 'text.jpg', 'tiny.jpg', 'odd//名 +&=?.jpg'];
  const { objects, total } = await toldBy(await savings(gateway, asked(...keys)));
  expect(objects.map(faultOf)).toEqual([
    'no-such-object',
    'not-an-image',
    'not-an-image',
    undefined,
  ]);
  const bytes = (await jpeg).length;
  expect(objects[3]).toMatchObject({ originalBytes: bytes, savedBytes: 0, isCompressed: false });
  expect(total).toMatchObject({ objects: 1, originalBytes: bytes });
});

test('each object needs a statement, and what ended the question is recorded', async () => {
  const { gateway } = await withObjects();
  const before = gateway.simulator.received().length;
  const denied = await savings(gateway, asked('a.jpg', 'private/b.jpg'));
  expect([denied.status, (await toldBy(denied)).decision]).toEqual([
    403,
    { reason: 'explicit-deny', statements: ['no-private-objects'] },
  ]);
  await expect
    .poll(() => lastClosing(gateway))
    .toMatchObject({
      operation: {
        action: 'cos:GetObject',
        resource: 'qcs::cos:ap-shanghai:uid/1250000000:examplebucket-1250000000/private/b.jpg',
      },
      decision: { effect: 'deny' },
      outcome: 'refused',
    });
  const without = await savings(gateway, asked('a.jpg'), { tenant: 'reports' });
  expect([without.status, (await toldBy(without)).detail]).toEqual([
    403,
    expect.stringMatching(/no statement allows you `cos:GetObject`/),
  ]);
  expect(gateway.simulator.received()).toHaveLength(before);
});

const BAD_QUERIES: readonly (readonly [name: string, query: string])[] = [
  ['no key', '/savings'],
  ['an empty key', '/savings?key='],
  ['another parameter', '/savings?key=a.jpg&dryRun=true'],
  ['a plus sign, which may be a blank', '/savings?key=a+b.jpg'],
  ['a bare percent sign', '/savings?key=100%.jpg'],
  ['bytes that are not UTF-8', '/savings?key=%FF.jpg'],
  ['a control character', '/savings?key=a%0Ab.jpg'],
  ['a slash in front', '/savings?key=/a.jpg'],
  ['a way up', '/savings?key=public/../private/b.jpg'],
  ['an encoded way up', '/savings?key=public%2F%2e%2E%2Fprivate/b.jpg'],
  ['the same key in two spellings', '/savings?key=a.jpg&key=%61.jpg'],
  ['a key of 851 bytes', `/savings?key=${'a'.repeat(851)}`],
  ['51 keys', asked(...Array.from({ length: 51 }, (_, index) => `${index}.jpg`))],
];

test('a query that could be read in two ways, or asks for too much, is refused', async () => {
  const gateway = await startGateway({ table: READING });
  for (const [name, query] of BAD_QUERIES) {
    const answer = await savings(gateway, query);
    expect([name, answer.status, (await toldBy(answer)).code]).toEqual([
      name,
      400,
      'query-invalid',
    ]);
  }
  expect(gateway.simulator.received()).toEqual([]);
  expect((await gateway.call('POST', { query: asked('a.jpg') })).status).toBe(405);
});

const STATE = '<ImageSlim><Status>on</Status><SlimMode>API</SlimMode></ImageSlim>';
const PICTURE = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(65_532)]);

/** An upstream whose bucket is set to API, and whose objects are answered by a function. */
async function serving(object: http.RequestListener, settings?: string) {
  const heard: http.IncomingMessage[] = [];
  const upstream = http.createServer((request, response) => {
    if (request.url === '/?image-slim') {
      response.writeHead(200, { 'content-type': 'application/xml' }).end(STATE);
      return;
    }
    heard.push(request);
    object(request, response);
  });
  const gateway = await startGateway({
    table: READING,
    connect: await listenOn(upstream),
    ...(settings !== undefined && { savings: settings }),
  });
  return { gateway, heard };
}

test('an object of 64 MB is counted without being held', async () => {
  const size = 64 * 1_048_576;
  const { gateway } = await serving((_, response) => {
    response.writeHead(200, { 'x-slimflag': '1', 'x-orisize': String(size * 2) });
    let left = size;
    const more = () => {
      while (left > 0) {
        left -= PICTURE.length;
        if (!response.write(PICTURE)) return void response.once('drain', more);
      }
      response.end();
    };
    more();
  }, 'objectBytes: 1073741824');
  await savings(gateway, asked('warm.jpg'));
  const before = process.memoryUsage.rss();
  let peak = before;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 5);
  const { total } = await toldBy(await savings(gateway, asked('large.jpg')));
  clearInterval(watch);
  expect(total).toMatchObject({ originalBytes: size * 2, compressedBytes: size });
  expect(peak - before).toBeLessThan(48 * 1_048_576);
});

/** How an object can be answered badly, and what is said of it. */
const BAD_ANSWERS: readonly (readonly [
  name: string,
  code: string,
  answer: (response: http.ServerResponse) => void,
])[] = [
  [
    'longer than it may be, and says so',
    'object-too-large',
    (response) => response.writeHead(200, { 'content-length': 5_000_000 }).write(PICTURE),
  ],
  [
    'longer than it may be, without saying so',
    'object-too-large',
    (response) => {
      response.writeHead(200);
      for (let count = 0; count < 40; count += 1) response.write(PICTURE);
    },
  ],
  [
    'broken off',
    'upstream-failed',
    (response) => {
      response.writeHead(200, { 'content-length': 100_000 }).write(PICTURE);
      setImmediate(() => response.destroy());
    },
  ],
  ['no answer', 'upstream-failed', (response) => response.destroy()],
  ['an interim answer and never another', 'timeout', (response) => response.writeProcessing()],
  ['a redirect', 'upstream-failed', (r) => r.writeHead(302, { location: '/' }).end()],
  ['a part', 'upstream-failed', (response) => response.writeHead(206).end(PICTURE)],
  [
    'a refusal',
    'upstream-access-denied',
    (response) => response.writeHead(403).end('<Error><Code>AccessDenied</Code></Error>'),
  ],
  [
    'a refusal with a document type',
    'upstream-failed',
    (response) =>
      response.writeHead(403).end('<!DOCTYPE a []><Error><Code>AccessDenied</Code></Error>'),
  ],
  [
    'a picture that could not be compressed',
    'compression-failed',
    (response) => response.writeHead(200, { 'x-slimflag': '0' }).end(PICTURE),
  ],
];

test('whatever object storage does, each object has one well-formed end in time', async () => {
  const answers = new Map(
    BAD_ANSWERS.map(([, , answer], index) => [`/${index}.jpg?imageSlim`, answer]),
  );
  const { gateway } = await serving(
    (request, response) => answers.get(request.url ?? '')?.(response),
    'objectBytes: 1048576\ntimeoutMs: 1500\nobjectsAtATime: 16',
  );
  const { objects } = await toldBy(
    await savings(gateway, asked(...BAD_ANSWERS.map((_, index) => `${index}.jpg`))),
  );
  const told = BAD_ANSWERS.map(([name], index) => [name, faultOf(objects[index])]);
  expect(told).toEqual(BAD_ANSWERS.map(([name, code]) => [name, code]));
});

test('a question ends in its time, also where it waits for downloads of others', async () => {
  const { gateway, heard } = await serving(
    (_, response) => response.end(PICTURE),
    'timeoutMs: 1000\ndownloads: 1\nobjectsAtATime: 1',
  );
  const { leave } = gateway.services.lines.downloads.enter('all');
  const begunAt = performance.now();
  // Each would wait for a second if it had a time of its own.
  const keys = Array.from({ length: 20 }, (_, index) => `${index}.jpg`);
  const { objects } = await toldBy(await savings(gateway, asked(...keys)));
  expect(objects.map(faultOf)).toEqual(Array(20).fill('overloaded'));
  expect(performance.now() - begunAt).toBeLessThan(10_000);
  expect(heard).toEqual([]);
  leave();
});

test('only the bucket’s host and the signature of one object go up, whatever the caller sends', async () => {
  const { gateway, heard } = await serving((_, response) => {
    response.writeHead(200, { 'x-orisize': '70000' }).end(PICTURE);
  });
  const headers = {
    expect: '',
    'x-cos-security-token': 'canary',
    range: 'bytes=0-1',
    te: 'trailers',
  };
  const { expect: _, ...sent } = headers;
  const answer = await savings(gateway, asked('a.jpg'), { headers: sent });
  expect(answer.status).toBe(200);
  const [request] = heard;
  expect([request?.method, request?.url]).toEqual(['GET', '/a.jpg?imageSlim']);
  expect(Object.keys(request?.headers ?? {}).sort()).toEqual([
    'authorization',
    'connection',
    'host',
  ]);
  expect(request?.headers.host).toBe(`examplebucket-1250000000.cos.${REGION}.myqcloud.com`);
  expect(request?.headers.authorization).toMatch(/q-header-list=host&q-url-param-list=imageslim&/);
});

test('a caller that goes away ends the downloads that are under way', async () => {
  const ended = Promise.withResolvers<void>();
  const { gateway, heard } = await serving((request, response) => {
    response.writeHead(200);
    response.write(PICTURE);
    request.socket.once('close', () => ended.resolve());
    leaving.abort();
  });
  const leaving = new AbortController();
  const url = `${gateway.url}/v1/regions/${REGION}/buckets/examplebucket-1250000000/image-slim`;
  const call = fetch(`${url}${asked('a.jpg', 'b.jpg', 'c.jpg', 'd.jpg', 'e.jpg', 'f.jpg')}`, {
    headers: { authorization: `Bearer ${gateway.token('photos')}` },
    signal: leaving.signal,
  });
  await expect(call).rejects.toThrow(/abort/i);
  await ended.promise;
  expect(heard.length).toBeLessThanOrEqual(4);
});
