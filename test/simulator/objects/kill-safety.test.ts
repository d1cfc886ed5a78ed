import { execFile, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type COS from 'cos-nodejs-sdk-v5';
import { expect, onTestFinished, test } from 'vitest';
import { ConfigurationError } from '../../../src/errors.ts';
import { openObjectStore } from '../../../src/simulator/objects/object-store.ts';
import { send, startLocalCloud, temporaryDirectory } from '../../support/local-cloud.ts';
import { EXAMPLE, objectRequest, officialClient } from '../../support/objects.ts';

const PROCESS = fileURLToPath(new URL('../../support/local-cloud-process.ts', import.meta.url));
const BUCKET = { bucket: EXAMPLE.Bucket, region: EXAMPLE.Region };

async function startProcess(directory: string) {
  const child = spawn(process.execPath, [PROCESS, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [port] = await once(child.stdout, 'data');
  return { child, url: `http://127.0.0.1:${Number(port)}` };
}

/** Put version after version under a few keys, until nothing answers. */
async function putUntilItFails(cos: COS, onAnswered: (count: number) => void) {
  const answered = new Map<string, string>();
  const sent = new Map<string, Set<string>>();
  for (let count = 0; ; count += 1) {
    const Key = `key-${count % 3}`;
    const Body = randomBytes(100_000 + count);
    const digest = createHash('md5').update(Body).digest('hex');
    sent.set(Key, (sent.get(Key) ?? new Set()).add(digest));
    const put = await cos.putObject({ ...EXAMPLE, Key, Body }).catch(() => null);
    if (put === null) return { answered, sent };
    answered.set(Key, digest);
    onAnswered(count + 1);
  }
}

test('after a kill every object is one that was sent, whole, and none that was answered is lost', async () => {
  const directory = await temporaryDirectory();
  // Somewhere within the upload that follows so many answers.
  for (const { answers, pauseMs } of [
    { answers: 2, pauseMs: 1 },
    { answers: 4, pauseMs: 4 },
    { answers: 7, pauseMs: 8 },
  ]) {
    const { child, url } = await startProcess(directory);
    const cos = officialClient({ url });
    const { answered, sent } = await putUntilItFails(cos, (count) => {
      if (count === answers) void pause(pauseMs).then(() => child.kill('SIGKILL'));
    });
    const store = await openObjectStore(join(directory, 'objects'));
    for (const [key, digest] of answered) {
      const lease = store.lease({ ...BUCKET, key });
      const hash = createHash('md5');
      for await (const chunk of createReadStream(lease?.path ?? '')) hash.update(chunk);
      const kept = hash.digest('hex');
      expect(lease?.object.md5).toBe(kept);
      // The one under way may have made it, too.
      const latest = [...(sent.get(key) ?? [])].at(-1);
      expect([digest, latest]).toContain(kept);
    }
    const objects = store.list(BUCKET).length;
    expect(await readdir(join(directory, 'objects', 'contents'))).toHaveLength(objects);
    expect(await readdir(join(directory, 'objects', 'records'))).toHaveLength(objects);
  }
});

test('a restart keeps objects with all that belongs to them', async () => {
  const stateDirectory = await temporaryDirectory();
  const first = await startLocalCloud({ stateDirectory });
  const headers = { 'Content-Type': 'text/plain', 'x-cos-meta-note': 'kept' };
  const put = { method: 'PUT', body: 'content', headers };
  await send(first.url, objectRequest('/a', put));
  await send(first.url, objectRequest('/b', put));
  await send(first.url, objectRequest('/b', { method: 'DELETE' }));
  const before = await send(first.url, objectRequest('/a'));
  await first.close();
  const second = await startLocalCloud({ stateDirectory });
  const after = await send(second.url, objectRequest('/a'));
  const { date: _, 'x-cos-request-id': __, ...kept } = before.headers;
  expect(after).toMatchObject({ status: 200, body: 'content', headers: kept });
  expect(after.headers).toMatchObject({ 'x-cos-meta-note': 'kept' });
  expect(await send(second.url, objectRequest('/b'))).toMatchObject({ status: 404 });
});

test('records that were tampered with are refused by name', async () => {
  const directory = await temporaryDirectory();
  await openObjectStore(directory);
  await writeFile(join(directory, 'records', 'x.json'), '{}');
  await expect(openObjectStore(directory)).rejects.toThrow(ConfigurationError);
});

async function residentMegabytes(pid: number | undefined): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)]);
  return Number(stdout) / 1024;
}

test('80 MB go in and out and never stay in memory', async () => {
  const directory = await temporaryDirectory();
  const { child, url } = await startProcess(directory);
  const cos = officialClient({ url });
  const [source, target] = [join(directory, 'source'), join(directory, 'target')];
  const transfer = async (bytes: number) => {
    await writeFile(source, Buffer.alloc(bytes, 'slim'));
    const object = { ...EXAMPLE, Key: 'large' };
    await cos.putObject({ ...object, Body: createReadStream(source), ContentLength: bytes });
    await cos.getObject({ ...object, Output: createWriteStream(target) });
    expect((await stat(target)).size).toBe(bytes);
  };
  await transfer(8 * 2 ** 20); // A process that has done it once has the buffers that it takes.
  const before = await residentMegabytes(child.pid);
  let most = before;
  let isWatching = true;
  const watching = (async () => {
    while (isWatching) {
      most = Math.max(most, await residentMegabytes(child.pid));
      await pause(100);
    }
  })();
  await transfer(80 * 2 ** 20);
  isWatching = false;
  await watching;
  expect(most - before).toBeLessThan(64);
}, 30_000);
