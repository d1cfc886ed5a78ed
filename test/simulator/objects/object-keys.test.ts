import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { objectKeyOf } from '../../../src/simulator/objects/object-key.ts';
import {
  EXAMPLE_HOST,
  errorCode,
  send,
  startLocalCloud,
  temporaryDirectory,
} from '../../support/local-cloud.ts';
import { EXAMPLE, objectRequest, officialClient } from '../../support/objects.ts';

const HOSTILE = [
  '..',
  '.',
  '../../../../etc/passwd',
  'a/../b',
  'a/./b',
  'a//b',
  '/leading',
  '//',
  'trailing/',
  'C:\\windows',
  '\\..\\..',
  'con',
  'name.json',
  '%2e%2e%2f',
  '%00',
  'a?b#c&d=e',
  '<key>&amp;"\'',
  ']]>',
  '__proto__',
  'constructor',
  'e\u0301',
  '\u00e9',
  '\u202egnp.exe',
  '\ufeffbom',
  ' ',
  'a'.repeat(850),
  '好'.repeat(283),
];

/** Each byte as its percent form: nothing on the way can take a dot or a slash for its own. */
function pathOf(key: string): string {
  return `/${Buffer.from(key).toString('hex').replace(/../g, '%$&')}`;
}

async function filesBelow(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

test('a key is only a name: every one has its own object, and none leads anywhere', async () => {
  const outside = await temporaryDirectory();
  const stateDirectory = join(outside, 'a', 'b', 'state');
  const simulator = await startLocalCloud({ stateDirectory });
  for (const key of HOSTILE) {
    const put = objectRequest(pathOf(key), { method: 'PUT', body: `content of ${key}` });
    expect(await send(simulator.url, put), key).toMatchObject({ status: 200 });
  }
  for (const key of HOSTILE) {
    const { status, body } = await send(simulator.url, objectRequest(pathOf(key)));
    expect([status, body], key).toEqual([200, `content of ${key}`]);
  }
  const { Contents } = await officialClient(simulator).getBucket({
    ...EXAMPLE,
    EncodingType: 'url',
  });
  const listed = Contents.map(({ Key }) => decodeURIComponent(Key));
  expect(new Set(listed)).toEqual(new Set(HOSTILE));

  expect(await readdir(outside)).toEqual(['a']);
  expect(await readdir(join(outside, 'a', 'b'))).toEqual(['state']);
  const files = await filesBelow(join(stateDirectory, 'objects'));
  expect(files).toHaveLength(2 * HOSTILE.length);
  const ours = /^(?:[0-9a-f]{64}\.json|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;
  expect(files.filter((name) => !ours.test(name))).toEqual([]);

  for (const key of HOSTILE) {
    await send(simulator.url, objectRequest(pathOf(key), { method: 'DELETE' }));
  }
  expect(await filesBelow(join(stateDirectory, 'objects'))).toEqual([]);
});

test.each([
  { name: 'a key of 851 bytes', path: pathOf('a'.repeat(851)), code: 'KeyTooLong' },
  { name: 'a key of 284 wide characters', path: pathOf('好'.repeat(284)), code: 'KeyTooLong' },
  { name: 'a line feed', path: '/a%0ab', code: 'InvalidObjectName' },
  { name: 'a zero byte', path: '/a%00b', code: 'InvalidObjectName' },
  { name: 'a delete character', path: '/a%7fb', code: 'InvalidObjectName' },
  { name: 'another control character', path: pathOf('a\u0085b'), code: 'InvalidObjectName' },
])('$name is refused', async ({ path, code }) => {
  const simulator = await startLocalCloud();
  const answer = await send(simulator.url, objectRequest(path, { method: 'PUT', body: 'x' }));
  expect([answer.status, errorCode(answer.body)]).toEqual([400, code]);
});

test('bytes that are not UTF-8 are no key', () => {
  for (const path of ['/\xff', '/a\xc3', '/\xed\xa0\x80', '/\xc0\xaf']) {
    expect(() => objectKeyOf(path)).toThrow(expect.objectContaining({ code: 'InvalidObjectName' }));
  }
});

test('whatever is put under whatever key comes back', async () => {
  const simulator = await startLocalCloud();
  const key = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter((text) => {
    return !/\p{Cc}/u.test(text) && text.isWellFormed();
  });
  await fc.assert(
    fc.asyncProperty(key, fc.string({ maxLength: 20 }), async (name, body) => {
      const put = objectRequest(pathOf(name), { method: 'PUT', body });
      expect(await send(simulator.url, put)).toMatchObject({ status: 200 });
      const got = await send(simulator.url, objectRequest(pathOf(name)));
      expect(got).toMatchObject({ status: 200, body });
    }),
    { numRuns: 30 },
  );
});

test('the settings’ host has no objects, and the objects’ host no settings', async () => {
  const simulator = await startLocalCloud();
  const onSettings = objectRequest('/a.png', { headers: { Host: EXAMPLE_HOST } });
  expect(await send(simulator.url, onSettings)).toMatchObject({ status: 501 });
  const onObjects = objectRequest('/?image-slim', { params: { 'image-slim': '' } });
  expect(await send(simulator.url, onObjects)).toMatchObject({ status: 400 });
});
