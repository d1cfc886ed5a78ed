import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { openBucketStates } from '../../src/simulator/bucket-states.ts';
import type { WitnessEntry } from '../../src/simulator/witness.ts';
import {
  defaultLocalCloud,
  LOCAL_KEYS,
  send,
  startLocalCloud,
  temporaryDirectory,
} from '../support/local-cloud.ts';
import { signed } from '../support/official-signature.ts';

const PROCESS = fileURLToPath(new URL('../support/local-cloud-process.ts', import.meta.url));
const EXAMPLE = { name: 'examplebucket-1250000000', region: 'ap-shanghai' };
const BODIES = ['jpg', 'png', 'gif'].map(
  (suffix) =>
    `<ImageSlim><SlimMode>Auto</SlimMode><Suffixs><Suffix>${suffix}</Suffix></Suffixs></ImageSlim>`,
);

async function startProcess(directory: string) {
  const child = spawn(process.execPath, [PROCESS, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [port] = await once(child.stdout, 'data');
  return { child, url: `http://127.0.0.1:${Number(port)}` };
}

/** Change the bucket again and again, until nothing answers; gives the bodies that were answered. */
async function changeUntilItFails(
  url: string,
  onAnswered: (count: number) => void,
): Promise<string[]> {
  const answered: string[] = [];
  for (;;) {
    const body = BODIES[answered.length % BODIES.length] ?? '';
    const headers = { 'Content-Length': String(body.length) };
    const request = { method: 'PUT', headers: signed({ method: 'PUT', headers }), body };
    const answer = await send(url, request).catch(() => null);
    if (answer === null) return answered;
    expect(answer.status).toBe(200);
    answered.push(body);
    onAnswered(answered.length);
  }
}

function suffixIn(body: string | undefined): string | undefined {
  return /<Suffix>(\w+)/.exec(body ?? '')?.[1];
}

async function witnessed(directory: string): Promise<WitnessEntry[]> {
  const lines = (await readFile(join(directory, 'witness.jsonl'), 'utf8')).split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line));
}

test('a killed simulator has kept every change that it answered, and a witness line for each', async () => {
  const directory = await temporaryDirectory();
  let lines = 0;
  // Somewhere within the change that follows so many answers: its writing takes milliseconds.
  for (const { answers, pauseMs } of [
    { answers: 1, pauseMs: 1 },
    { answers: 4, pauseMs: 2 },
    { answers: 9, pauseMs: 4 },
  ]) {
    const { child, url } = await startProcess(directory);
    const answered = await changeUntilItFails(url, (count) => {
      if (count === answers) void pause(pauseMs).then(() => child.kill('SIGKILL'));
    });
    const entries = (await witnessed(directory)).slice(lines);
    lines += entries.length;
    // At most the one change that was under way has a line and no answer.
    expect(entries.map(({ body }) => body).slice(0, answered.length)).toEqual(answered);
    expect(entries.length - answered.length).toBeLessThanOrEqual(1);
    const states = await openBucketStates(
      join(directory, 'buckets'),
      (await defaultLocalCloud()).buckets,
    );
    const kept = states.get(EXAMPLE)?.suffixes[0];
    const possible = [answered.at(-1), entries.at(-1)?.body].map(suffixIn);
    expect(possible).toContain(kept);
  }
  const sequences = (await witnessed(directory)).map(({ sequence }) => sequence);
  expect(sequences).toEqual(sequences.map((_, at) => at + 1));
});

test('a restart keeps the settings and goes on counting', async () => {
  const stateDirectory = await temporaryDirectory();
  const first = await startLocalCloud({ stateDirectory });
  await first.setState(EXAMPLE.name, EXAMPLE.region, { status: 'on', mode: 'API', suffixes: [] });
  await send(first.url, { headers: signed() });
  await first.close();
  const second = await startLocalCloud({ stateDirectory });
  const { body } = await send(second.url, { headers: signed({ key: LOCAL_KEYS.reader }) });
  expect(body).toContain('<Status>on</Status><SlimMode>API</SlimMode>');
  expect(second.received()).toMatchObject([{ sequence: 2 }]);
});
