import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ConfigurationError } from '../../src/errors.ts';
import { openBucketStates } from '../../src/simulator/bucket-states.ts';
import type { SlimSetting } from '../../src/simulator/slim-setting.ts';
import { SLIM_AUTO, send, startLocalCloud, temporaryDirectory } from '../support/local-cloud.ts';
import { signed } from '../support/official-signature.ts';

const API: SlimSetting = { status: 'on', mode: 'API', suffixes: [] };
const AUTO: SlimSetting = { status: 'on', mode: 'Auto', suffixes: ['jpg'] };
const fresh = { name: 'fresh-1250000000', region: 'ap-shanghai', bound: true };
const preset = { name: 'preset-1250000000', region: 'ap-shanghai', bound: true, slim: AUTO };
const BUCKETS = [fresh, preset];

test('a bucket begins with its own setting, or with none', async () => {
  const states = await openBucketStates(await temporaryDirectory(), BUCKETS);
  expect(states.get(fresh)).toEqual({ status: 'off', mode: null, suffixes: [] });
  expect(states.get(preset)).toEqual(AUTO);
  expect(states.get({ ...fresh, region: 'ap-guangzhou' })).toBeUndefined();
});

test('what is kept outlives the beginning, and unfinished files are swept away', async () => {
  const directory = await temporaryDirectory();
  const states = await openBucketStates(directory, BUCKETS);
  await states.set(preset, API);
  await writeFile(join(directory, 'preset-1250000000.ap-shanghai.json.new'), '{"stat');
  const again = await openBucketStates(directory, BUCKETS);
  expect(again.get(preset)).toEqual(API);
  expect(await readdir(directory)).toEqual(['preset-1250000000.ap-shanghai.json']);
});

test('changes of one moment are kept in the order they came', async () => {
  const directory = await temporaryDirectory();
  const states = await openBucketStates(directory, BUCKETS);
  const changes = Array.from({ length: 20 }, (_, at) => (at % 2 === 0 ? API : AUTO));
  await Promise.all(changes.map((setting) => states.set(fresh, setting)));
  expect((await openBucketStates(directory, BUCKETS)).get(fresh)).toEqual(AUTO);
});

test('a change builds on the one before it, even while that is being written', async () => {
  const simulator = await startLocalCloud();
  const headers = { 'Content-Length': String(SLIM_AUTO.length) };
  await Promise.all([
    send(simulator.url, {
      method: 'PUT',
      headers: signed({ method: 'PUT', headers }),
      body: SLIM_AUTO,
    }),
    send(simulator.url, { method: 'DELETE', headers: signed({ method: 'DELETE' }) }),
  ]);
  const last = simulator.received().at(-1);
  const state = simulator.stateOf('examplebucket-1250000000', 'ap-shanghai');
  expect(state).toEqual(last?.changedTo);
  expect(state?.mode).toBe('Auto,API');
});

test.each(['', '{', '{"status":"on"}', '{"status":"on","mode":"API","suffixes":["jpg"]}'])(
  'a file that holds %j is refused by name',
  async (text) => {
    const directory = await temporaryDirectory();
    const path = join(directory, 'fresh-1250000000.ap-shanghai.json');
    await writeFile(path, text);
    const opening = openBucketStates(directory, BUCKETS);
    await expect(opening).rejects.toThrow(ConfigurationError);
    await expect(opening).rejects.toThrow(path);
  },
);
