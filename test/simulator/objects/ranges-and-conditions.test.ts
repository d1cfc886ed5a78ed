import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Simulator } from '../../../src/simulator/create-simulator.ts';
import { errorCode, send, startLocalCloud } from '../../support/local-cloud.ts';
import { objectRequest } from '../../support/objects.ts';

const CONTENT = '0123456789';
const ETAG = `"${createHash('md5').update(CONTENT).digest('hex')}"`;
const UPLOADED = new Date('2026-01-02T03:04:05.678Z');
const AT = UPLOADED.toUTCString();
const BEFORE = new Date(UPLOADED.getTime() - 1000).toUTCString();
const AFTER = new Date(UPLOADED.getTime() + 1000).toUTCString();
const KEY_TIME = {
  start: UPLOADED.getTime() / 1000 - 60.678,
  end: UPLOADED.getTime() / 1000 + 600.322,
};

async function withObject(content = CONTENT): Promise<Simulator> {
  const simulator = await startLocalCloud({ now: () => UPLOADED });
  const put = objectRequest('/object', { method: 'PUT', body: content, keyTime: KEY_TIME });
  expect((await send(simulator.url, put)).status).toBe(200);
  return simulator;
}

function ask({ url }: Simulator, method: string, headers: Record<string, string>) {
  return send(url, objectRequest('/object', { method, headers, keyTime: KEY_TIME }));
}

const RANGES: readonly { range: string; answer: string; contentRange?: string }[] = [
  { range: 'bytes=0-0', answer: '0', contentRange: 'bytes 0-0/10' },
  { range: 'bytes=0-9', answer: CONTENT, contentRange: 'bytes 0-9/10' },
  { range: 'bytes=3-5', answer: '345', contentRange: 'bytes 3-5/10' },
  { range: 'bytes=7-', answer: '789', contentRange: 'bytes 7-9/10' },
  { range: 'bytes=7-100', answer: '789', contentRange: 'bytes 7-9/10' },
  { range: 'bytes=-3', answer: '789', contentRange: 'bytes 7-9/10' },
  { range: 'bytes=-100', answer: CONTENT, contentRange: 'bytes 0-9/10' },
  { range: 'bytes=5-3', answer: CONTENT },
  { range: 'bytes=-', answer: CONTENT },
  { range: 'bytes=0-1,3-4', answer: CONTENT },
  { range: 'lines=0-1', answer: CONTENT },
  { range: 'bytes=x-1', answer: CONTENT },
  { range: 'bytes=0-9999999999999999', answer: CONTENT },
];

const BEYOND = ['bytes=10-', 'bytes=10-20', 'bytes=-0', 'bytes=999999999999999-'];

test.each(RANGES)('a range of $range is answered', async ({ range, answer, contentRange }) => {
  const simulator = await withObject();
  const got = await ask(simulator, 'GET', { Range: range });
  expect(got.body).toBe(answer);
  expect(got.status).toBe(contentRange === undefined ? 200 : 206);
  expect(got.headers).toMatchObject({ etag: ETAG, 'content-length': String(answer.length) });
  expect(got.headers['content-range']).toBe(contentRange);
  const head = await ask(simulator, 'HEAD', { Range: range });
  expect(head).toMatchObject({ status: got.status, body: '' });
  expect(head.headers['content-length']).toBe(String(answer.length));
});

test.each(BEYOND)('a range of %s is beyond the object', async (range) => {
  const got = await ask(await withObject(), 'GET', { Range: range });
  expect([got.status, errorCode(got.body)]).toEqual([416, 'InvalidRange']);
  expect(got.headers['content-range']).toBe('bytes */10');
});

test.each([
  { ifRange: ETAG, status: 206 },
  { ifRange: AT, status: 206 },
  { ifRange: BEFORE, status: 200 },
  { ifRange: `W/${ETAG}`, status: 200 },
  { ifRange: '"another"', status: 200 },
])('a range under If-Range $ifRange is answered $status', async ({ ifRange, status }) => {
  const headers = { Range: 'bytes=0-1', 'If-Range': ifRange };
  expect(await ask(await withObject(), 'GET', headers)).toMatchObject({ status });
});

test('an empty object has no range, and is whole without one', async () => {
  const simulator = await withObject('');
  const whole = await send(simulator.url, objectRequest('/object', { keyTime: KEY_TIME }));
  expect(whole).toMatchObject({ status: 200, body: '' });
  for (const Range of ['bytes=0-', 'bytes=-1']) {
    const request = objectRequest('/object', { headers: { Range }, keyTime: KEY_TIME });
    expect((await send(simulator.url, request)).status).toBe(416);
  }
});

const OTHER = '"00000000000000000000000000000000"';

const CONDITIONS: readonly { name: string; headers: Record<string, string>; status: number }[] = [
  { name: 'its ETag in If-Match', headers: { 'If-Match': ETAG }, status: 200 },
  { name: 'anything in If-Match', headers: { 'If-Match': '*' }, status: 200 },
  { name: 'one of several in If-Match', headers: { 'If-Match': `${OTHER}, ${ETAG}` }, status: 200 },
  { name: 'its ETag without quotes', headers: { 'If-Match': ETAG.slice(1, -1) }, status: 200 },
  { name: 'another in If-Match', headers: { 'If-Match': OTHER }, status: 412 },
  { name: 'a weak one in If-Match', headers: { 'If-Match': `W/${ETAG}` }, status: 412 },
  { name: 'its ETag in If-None-Match', headers: { 'If-None-Match': ETAG }, status: 304 },
  { name: 'a weak one in If-None-Match', headers: { 'If-None-Match': `W/${ETAG}` }, status: 304 },
  { name: 'anything in If-None-Match', headers: { 'If-None-Match': '*' }, status: 304 },
  { name: 'another in If-None-Match', headers: { 'If-None-Match': OTHER }, status: 200 },
  { name: 'modified since before', headers: { 'If-Modified-Since': BEFORE }, status: 200 },
  { name: 'modified since then', headers: { 'If-Modified-Since': AT }, status: 304 },
  { name: 'modified since no date', headers: { 'If-Modified-Since': 'soon' }, status: 200 },
  { name: 'unmodified since then', headers: { 'If-Unmodified-Since': AT }, status: 200 },
  { name: 'unmodified since after', headers: { 'If-Unmodified-Since': AFTER }, status: 200 },
  { name: 'unmodified since before', headers: { 'If-Unmodified-Since': BEFORE }, status: 412 },
  {
    name: 'If-Match before If-Unmodified-Since',
    headers: { 'If-Match': ETAG, 'If-Unmodified-Since': BEFORE },
    status: 200,
  },
  {
    name: 'If-None-Match before If-Modified-Since',
    headers: { 'If-None-Match': OTHER, 'If-Modified-Since': AT },
    status: 200,
  },
  {
    name: 'If-Match before If-None-Match',
    headers: { 'If-Match': OTHER, 'If-None-Match': ETAG },
    status: 412,
  },
  {
    name: 'a condition before a range',
    headers: { 'If-None-Match': ETAG, Range: 'bytes=99-' },
    status: 304,
  },
];

test.each(CONDITIONS)('$name is answered $status', async ({ headers, status }) => {
  const simulator = await withObject();
  const got = await ask(simulator, 'GET', headers);
  const head = await ask(simulator, 'HEAD', headers);
  expect([got.status, head.status]).toEqual([status, status]);
  if (status === 304) expect(got).toMatchObject({ body: '', headers: { etag: ETAG } });
  if (status === 200) expect(got.body).toBe(CONTENT);
});

test('a download says what its headers are to be, unless no header can carry it', async () => {
  const simulator = await withObject();
  const download = (params: Record<string, string>) =>
    send(
      simulator.url,
      objectRequest(`/object?${new URLSearchParams(params).toString().replaceAll('+', '%20')}`, {
        params,
        keyTime: KEY_TIME,
      }),
    );
  const got = await download({
    'response-content-type': 'text/html; charset=utf-8',
    'response-content-disposition': 'attachment; filename="a b.txt"',
    'response-cache-control': 'no-store',
  });
  expect(got.headers).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'content-disposition': 'attachment; filename="a b.txt"',
    'cache-control': 'no-store',
  });
  const split = await download({ 'response-content-type': 'text/plain\r\nSet-Cookie: a=b' });
  expect([split.status, errorCode(split.body)]).toEqual([400, 'InvalidArgument']);
  expect(split.headers).not.toHaveProperty('set-cookie');
});
