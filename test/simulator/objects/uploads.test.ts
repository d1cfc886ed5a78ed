import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Simulator } from '../../../src/simulator/create-simulator.ts';
import { errorCode, send, startLocalCloud, temporaryDirectory } from '../../support/local-cloud.ts';
import { EXAMPLE, objectRequest, officialClient } from '../../support/objects.ts';

const md5 = (text: string) => createHash('md5').update(text).digest('base64');

async function contents(stateDirectory: string): Promise<number> {
  return (await readdir(join(stateDirectory, 'objects', 'contents'))).length;
}

const REFUSALS: readonly {
  name: string;
  headers: Record<string, string>;
  code: string;
  status?: number;
}[] = [
  { name: 'the MD5 of another body', headers: { 'Content-MD5': md5('other') }, code: 'BadDigest' },
  { name: 'an MD5 that is none', headers: { 'Content-MD5': 'bm9uZQ==' }, code: 'InvalidDigest' },
  {
    name: 'more than 2 KB of metadata',
    headers: { 'x-cos-meta-a': 'x'.repeat(1100), 'x-cos-meta-b': 'x'.repeat(1100) },
    code: 'InvalidArgument',
  },
  ...[
    ['a copy', 'x-cos-copy-source', 'other-1250000000.cos.ap-shanghai.myqcloud.com/a'],
    ['a public object', 'x-cos-acl', 'public-read'],
    ['an archived object', 'x-cos-storage-class', 'ARCHIVE'],
    ['an encrypted object', 'x-cos-server-side-encryption', 'AES256'],
  ].map(([name = '', header = '', value = '']) => ({
    name,
    headers: { [header]: value },
    code: 'NotImplemented',
    status: 501,
  })),
];

test.each(REFUSALS)('an upload with $name is refused whole', async ({ headers, code, status }) => {
  const stateDirectory = await temporaryDirectory();
  const simulator = await startLocalCloud({ stateDirectory });
  const put = objectRequest('/object', { method: 'PUT', body: 'body', headers });
  const answer = await send(simulator.url, put);
  expect([answer.status, errorCode(answer.body)]).toEqual([status ?? 400, code]);
  expect((await send(simulator.url, objectRequest('/object'))).status).toBe(404);
  expect(await contents(stateDirectory)).toBe(0);
});

test('an upload with the MD5 of its body is kept with it, whatever its framing', async () => {
  const simulator = await startLocalCloud();
  const signed = objectRequest('/object', {
    method: 'PUT',
    headers: { 'Content-MD5': md5('chunked'), 'Transfer-Encoding': 'chunked' },
  });
  expect(await send(simulator.url, { ...signed, body: 'chunked' })).toMatchObject({ status: 200 });
  expect(await send(simulator.url, objectRequest('/object'))).toMatchObject({ body: 'chunked' });
});

test('an upload that breaks off leaves nothing, and what was there stays', async () => {
  const stateDirectory = await temporaryDirectory();
  const simulator = await startLocalCloud({ stateDirectory });
  await send(simulator.url, objectRequest('/object', { method: 'PUT', body: 'first' }));
  const { headers = {} } = objectRequest('/object', {
    method: 'PUT',
    headers: { 'Content-Length': '1000' },
  });
  const socket = connect(simulator.port, simulator.host);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.write(`PUT /object HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\nthe beginning`);
  await expect.poll(() => contents(stateDirectory)).toBe(2);
  socket.destroy();
  await expect
    .poll(() => simulator.received())
    .toMatchObject([
      { error: null },
      { error: 'IncompleteBody', body: '', bodyDigest: { bytes: 13 }, operation: 'PutObject' },
    ]);
  await expect.poll(() => contents(stateDirectory)).toBe(1);
  expect(await send(simulator.url, objectRequest('/object'))).toMatchObject({ body: 'first' });
});

async function putHeldBack({ url }: Simulator, bytes: number, path = '/object') {
  const { headers = {} } = objectRequest(path, {
    method: 'PUT',
    headers: { 'Content-Length': String(bytes), Expect: '100-continue' },
  });
  const asking = request(url, { method: 'PUT', path, headers });
  asking.flushHeaders();
  let isAsked = false;
  asking.on('continue', () => {
    isAsked = true;
    asking.end('x'.repeat(bytes));
  });
  const [answer] = await once(asking, 'response');
  asking.destroy();
  return { status: answer.statusCode, isAsked };
}

test('a body that is held back is asked for only when the rest is in order', async () => {
  const simulator = await startLocalCloud();
  expect(await putHeldBack(simulator, 10)).toEqual({ status: 200, isAsked: true });
  expect(await putHeldBack(simulator, 5 * 2 ** 30 + 1)).toEqual({ status: 400, isAsked: false });
  expect(await putHeldBack(simulator, 5, `/${'k'.repeat(851)}`)).toMatchObject({ isAsked: false });
  expect(simulator.received().map(({ error }) => error)).toEqual([
    null,
    'EntityTooLarge',
    'KeyTooLong',
  ]);
});

test('the witness knows an object by its size and digest, before it is there', async () => {
  const simulator = await startLocalCloud();
  const body = 'nobody’s business';
  await send(simulator.url, objectRequest('/object', { method: 'PUT', body }));
  await send(simulator.url, objectRequest('/object', { method: 'DELETE' }));
  const [put, removal] = simulator.received();
  expect(put).toMatchObject({
    operation: 'PutObject',
    body: '',
    bodyDigest: {
      bytes: Buffer.byteLength(body),
      sha256: createHash('sha256').update(body).digest('hex'),
    },
    changedTo: null,
    objects: [
      {
        key: 'object',
        put: {
          bytes: Buffer.byteLength(body),
          md5: createHash('md5').update(body).digest('hex'),
        },
      },
    ],
  });
  expect(removal).toMatchObject({
    operation: 'DeleteObject',
    objects: [{ key: 'object', put: null }],
  });
  expect(JSON.stringify(simulator.received())).not.toContain('business');
});

test('an object is whole for each of its readers while writers replace it', async () => {
  const stateDirectory = await temporaryDirectory();
  const simulator = await startLocalCloud({ stateDirectory });
  const cos = officialClient(simulator);
  const object = { ...EXAMPLE, Key: 'contended' };
  const versions = Array.from({ length: 8 }, (_, at) => randomBytes(300_000 + at));
  const digests = new Set(versions.map((bytes) => createHash('md5').update(bytes).digest('hex')));
  await cos.putObject({ ...object, Body: versions[0] ?? Buffer.alloc(0) });
  const writers = versions.map((Body) => cos.putObject({ ...object, Body }));
  const readers = Array.from({ length: 24 }, async (_, at) => {
    await pause(at);
    const { Body, ETag } = await cos.getObject(object);
    const digest = createHash('md5').update(Body).digest('hex');
    expect(ETag).toBe(`"${digest}"`);
    return digest;
  });
  await Promise.all(writers);
  for (const digest of await Promise.all(readers)) expect(digests).toContain(digest);
  await expect.poll(() => contents(stateDirectory)).toBe(1);
});

test('a reader that has begun reads to the end what is deleted meanwhile', async () => {
  const simulator = await startLocalCloud();
  const cos = officialClient(simulator);
  const bytes = randomBytes(20 * 2 ** 20);
  await cos.putObject({ ...EXAMPLE, Key: 'big', Body: bytes });
  const { headers = {} } = objectRequest('/big');
  const asking = request(simulator.url, { path: '/big', headers }).end();
  const [answer] = await once(asking, 'response');
  await cos.deleteObject({ ...EXAMPLE, Key: 'big' });
  const hash = createHash('md5');
  for await (const chunk of answer) hash.update(chunk);
  expect(hash.digest('hex')).toBe(createHash('md5').update(bytes).digest('hex'));
});
