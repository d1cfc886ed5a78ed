import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ConfigurationError } from '../../../src/errors.ts';
import { createSimulator, type Simulator } from '../../../src/simulator/create-simulator.ts';
import { control, NEW_BUCKET, NEW_BUCKET_PATH } from '../../support/control.ts';
import {
  defaultLocalCloud,
  errorCode,
  SLIM_API,
  send,
  startLocalCloud,
  temporaryDirectory,
} from '../../support/local-cloud.ts';
import { objectRequest } from '../../support/objects.ts';
import { signed } from '../../support/official-signature.ts';

const NEW_HOST = `${NEW_BUCKET.name}.pic.${NEW_BUCKET.region}.myqcloud.com`;
const AUTO = { status: 'on', mode: 'Auto', suffixes: ['jpg'] };

const stateOf = async (simulator: Simulator) =>
  errorCode(
    (await send(simulator.url, { headers: signed({ headers: { Host: NEW_HOST } }) })).body,
  ) ?? 'found';

test('the buckets are listed with their settings and the number of their objects', async () => {
  const simulator = await startLocalCloud({ control: true });
  await send(simulator.url, objectRequest('/a.txt', { method: 'PUT', body: 'x' }));
  const { status, json } = await control(simulator, 'GET /_control/buckets');
  expect(status).toBe(200);
  expect(json).toHaveLength(5);
  expect(json).toContainEqual({
    name: 'examplebucket-1250000000',
    region: 'ap-shanghai',
    bound: true,
    slim: { status: 'off', mode: null, suffixes: [] },
    objects: 1,
  });
});

test('a bucket is made, bound and unbound, set and removed', async () => {
  const simulator = await startLocalCloud({ control: true });
  expect(await stateOf(simulator)).toBe('NoSuchBucket');
  const made = await control(simulator, `PUT ${NEW_BUCKET_PATH}`);
  expect([made.status, made.json]).toEqual([
    201,
    { ...NEW_BUCKET, bound: true, slim: { status: 'off', mode: null, suffixes: [] }, objects: 0 },
  ]);
  expect(await stateOf(simulator)).toBe('found');
  const body = { bound: false, slim: AUTO };
  const changed = await control(simulator, `PUT ${NEW_BUCKET_PATH}`, { body });
  expect([changed.status, changed.json]).toEqual([200, { ...NEW_BUCKET, ...body, objects: 0 }]);
  expect(await stateOf(simulator)).toBe('UpsAppNotExist');
  const bound = await control(simulator, `PUT ${NEW_BUCKET_PATH}`, { body: { bound: true } });
  expect(bound.json).toMatchObject({ bound: true, slim: AUTO });
  expect((await control(simulator, `DELETE ${NEW_BUCKET_PATH}`)).status).toBe(204);
  expect(await stateOf(simulator)).toBe('NoSuchBucket');
  expect(simulator.stateOf(NEW_BUCKET.name, NEW_BUCKET.region)).toBeUndefined();
});

test('a bucket that is removed takes its objects with it', async () => {
  const simulator = await startLocalCloud({ control: true });
  const place = '/_control/buckets/examplebucket-1250000000?region=ap-shanghai';
  await send(simulator.url, objectRequest('/a.txt', { method: 'PUT', body: 'x' }));
  await control(simulator, `DELETE ${place}`);
  expect((await control(simulator, `PUT ${place}`)).json).toMatchObject({ objects: 0 });
  expect((await send(simulator.url, objectRequest('/a.txt'))).status).toBe(404);
});

test('buckets that were made or removed outlive a restart', async () => {
  const stateDirectory = await temporaryDirectory();
  const options = { cloud: await defaultLocalCloud(), stateDirectory, control: true };
  const first = await createSimulator(options);
  await control(first, `PUT ${NEW_BUCKET_PATH}`, { body: { slim: AUTO } });
  await control(first, 'DELETE /_control/buckets/archive-1250000000?region=ap-shanghai');
  const before = (await control(first, 'GET /_control/buckets')).json;
  await first.close();
  const second = await startLocalCloud(options);
  expect((await control(second, 'GET /_control/buckets')).json).toEqual(before);
  expect(second.stateOf(NEW_BUCKET.name, NEW_BUCKET.region)).toEqual(AUTO);
  expect(second.stateOf('archive-1250000000', 'ap-shanghai')).toBeUndefined();
});

test('kept buckets that are none are refused by the name of their file', async () => {
  const stateDirectory = await temporaryDirectory();
  await writeFile(join(stateDirectory, 'bucket-changes.json'), '[{}]');
  const starting = startLocalCloud({ stateDirectory });
  await expect(starting).rejects.toThrow(ConfigurationError);
  await expect(starting).rejects.toThrow('bucket-changes.json');
});

test('a reset brings everything back to the document, but not what was seen', async () => {
  const simulator = await startLocalCloud({ control: true });
  const before = (await control(simulator, 'GET /_control/buckets')).json;
  const headers = signed({ method: 'PUT', headers: { 'Content-Length': String(SLIM_API.length) } });
  await send(simulator.url, { method: 'PUT', headers, body: SLIM_API });
  await send(simulator.url, objectRequest('/a.txt', { method: 'PUT', body: 'x' }));
  await control(simulator, `PUT ${NEW_BUCKET_PATH}`);
  await control(simulator, 'DELETE /_control/buckets/archive-1250000000?region=ap-shanghai');
  await control(simulator, 'PUT /_control/misbehaviour', { body: { kind: 'throttled' } });
  expect((await control(simulator, 'POST /_control/reset')).status).toBe(204);
  expect((await control(simulator, 'GET /_control/buckets')).json).toEqual(before);
  expect((await control(simulator, 'GET /_control/misbehaviour')).json).toEqual([]);
  expect(simulator.received()).toHaveLength(2);
});

test('misbehaviour is ordered, counted down and ended', async () => {
  const simulator = await startLocalCloud({ control: true });
  const ordered = [{ kind: 'throttled', operation: 'GetImageSlim', times: 2 }, { kind: 'delay' }];
  const call = 'PUT /_control/misbehaviour';
  expect((await control(simulator, call, { body: ordered })).json).toMatchObject([
    { ...ordered[0], retryAfterSeconds: 1, timesLeft: 2 },
    { kind: 'delay', delayMs: 1000 },
  ]);
  const answer = await send(simulator.url, { headers: signed() });
  expect(answer.headers['retry-after']).toBe('1');
  expect((await control(simulator, 'GET /_control/misbehaviour')).json).toMatchObject([
    { timesLeft: 1 },
    { kind: 'delay' },
  ]);
  expect((await control(simulator, 'DELETE /_control/misbehaviour')).status).toBe(204);
  expect((await send(simulator.url, { headers: signed() })).status).toBe(200);
});

test('what was seen is told in lines, from any place on, and control is no part of it', async () => {
  const stateDirectory = await temporaryDirectory();
  const simulator = await startLocalCloud({ control: true, stateDirectory });
  for (let count = 0; count < 3; count += 1) await send(simulator.url, { headers: signed() });
  const { text } = await control(simulator, 'GET /_control/witness');
  expect(text).toBe(await readFile(join(stateDirectory, 'witness.jsonl'), 'utf8'));
  const later = await control(simulator, 'GET /_control/witness?since=2');
  expect(later.text).toBe(text.split('\n').slice(2).join('\n'));
  expect(JSON.parse(later.text)).toMatchObject({ sequence: 3, misbehaviour: null });
  expect((await control(simulator, 'GET /_control/witness?since=3')).text).toBe('');
});

test('it has a host of its own, where the prefix may be left out', async () => {
  const simulator = await startLocalCloud({ control: true });
  const headers = { Host: 'control.localhost:9000' };
  for (const path of ['/buckets', '/_control/buckets', 'http://control.localhost:9000/buckets']) {
    expect((await control(simulator, `GET ${path}`, { headers })).json).toHaveLength(5);
  }
});

test.for(['control.localhost', '127.0.0.1:9000', 'localhost', '[::1]:9000'])(
  'it is not there unless it is asked for: %s',
  async (Host) => {
    const simulator = await startLocalCloud();
    const answer = await control(simulator, 'GET /_control/buckets', { headers: { Host } });
    expect(errorCode(answer.text)).toBe('InvalidURI');
  },
);

test('a bucket’s host has no control, whatever the path', async () => {
  const simulator = await startLocalCloud({ control: true });
  const request = objectRequest('/_control/buckets');
  expect(errorCode((await send(simulator.url, request)).body)).toBe('NoSuchKey');
});
