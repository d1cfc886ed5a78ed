import http from 'node:http';
import { expect, test } from 'vitest';
import type * as answers from '../../src/client/answers.ts';
import { createClient, SlimgateError } from '../../src/client/client.ts';
import type { Savings } from '../../src/savings/measure.ts';
import type { SlimConfiguration, SlimState } from '../../src/slim/slim-configuration.ts';
import { BUCKET, REGION, startGateway } from '../support/gateway.ts';
import { listenOn } from '../support/listen-on.ts';

const bucket = { region: REGION, bucket: BUCKET };

test('a tenant sets, looks, tries out and switches off, with types', async () => {
  const gateway = await startGateway();
  const client = createClient({ gateway: `${gateway.url}/`, token: () => gateway.token('photos') });
  const enabled = await client.enable(bucket, { modes: ['API', 'Auto'], suffixes: ['png', 'jpg'] });
  expect(enabled).toEqual({
    status: 'on',
    modes: ['Auto', 'API'],
    suffixes: ['jpg', 'png'],
    requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    etag: expect.stringMatching(/^".+"$/),
    receipt: expect.any(String),
  });
  const state = await client.describe(bucket);
  expect([state.status, state.etag, state.receipt]).toEqual(['on', enabled.etag, null]);
  const asked = await client.dryRun(bucket, null);
  expect([asked.dryRun, asked.upstreamRequest.method]).toEqual([true, 'DELETE']);
  expect((await client.disable(bucket)).receipt).toEqual(expect.any(String));
  expect((await client.describe(bucket)).status).toBe('off');
});

test('a refusal is a typed error with what the gateway says', async () => {
  const gateway = await startGateway();
  const client = createClient({ gateway: gateway.url, token: gateway.token('reports') });
  const error = await client.enable(bucket, { modes: ['API'] }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(SlimgateError);
  expect(error).toMatchObject({
    code: 'policy-denied',
    status: 403,
    requestId: expect.any(String),
    problem: { decision: { reason: 'default-deny' } },
  });
});

/** A gateway that gives these answers in turn, the last one again and again. */
async function answering(...turns: readonly (readonly [status: number, code: string])[]) {
  let count = 0;
  const server = http.createServer((_, response) => {
    const [status, code] = turns[Math.min(count, turns.length - 1)] ?? [500, ''];
    count += 1;
    if (status === 0) return void response.destroy();
    const headers = status === 503 || status === 429 ? { 'retry-after': '0' } : {};
    response.writeHead(status, headers);
    response.end(JSON.stringify(status === 200 ? { status: 'on' } : { code, detail: 'why' }));
  });
  const { host, port } = await listenOn(server);
  const waits: number[] = [];
  const client = createClient({
    gateway: `http://${host}:${port}`,
    token: 'x',
    attempts: 3,
    onWait: (waitMs) => void waits.push(waitMs),
  });
  return { client, waits, count: () => count };
}

const READ = 'describe';
const CHANGE = 'disable';

/** What is called, what is answered first, and how often it is called then. */
const RETRIES = [
  [READ, 429, 'rate-limited', 2],
  [CHANGE, 429, 'rate-limited', 2],
  [CHANGE, 503, 'overloaded', 2],
  [CHANGE, 503, 'upstream-throttled', 2],
  [READ, 504, 'upstream-timeout', 2],
  [CHANGE, 504, 'upstream-timeout', 1],
  [CHANGE, 503, 'audit-unavailable', 1],
  [READ, 0, 'a broken connection', 2],
  [CHANGE, 0, 'a broken connection', 1],
  [READ, 403, 'policy-denied', 1],
  [READ, 500, 'internal-error', 1],
] as const;

test.for(RETRIES)('%s, answered %i %s, is called %i times', async ([name, status, code, calls]) => {
  const { client, count } = await answering([status, code], [200, '']);
  const ended = await client[name](bucket).then(
    () => 'done',
    () => 'failed',
  );
  expect([ended, count()]).toEqual([calls === 2 ? 'done' : 'failed', calls]);
});

test('a call is not tried for ever, and Retry-After is what is waited', async () => {
  const { client, waits, count } = await answering([429, 'rate-limited']);
  await expect(client.describe(bucket)).rejects.toMatchObject({ code: 'rate-limited' });
  expect([waits, count()]).toEqual([[0, 0], 3]);
});

test('what is billed is not asked for twice', async () => {
  const { client, count } = await answering([504, 'upstream-timeout'], [200, '']);
  await expect(client.savings(bucket, ['a.jpg'])).rejects.toMatchObject({ status: 504 });
  expect(count()).toBe(1);
});

test('something else than the gateway is named so, and a redirect gets no token', async () => {
  const server = http.createServer((request, response) => {
    if (request.method === 'GET') response.end('<html>');
    else response.writeHead(302, { location: '/elsewhere' }).end();
  });
  const { host, port } = await listenOn(server);
  const client = createClient({ gateway: `http://${host}:${port}`, token: 'x', attempts: 1 });
  await expect(client.describe(bucket)).rejects.toMatchObject({ code: 'not-the-gateway' });
  await expect(client.disable(bucket)).rejects.toMatchObject({ code: 'no-answer' });
});

test('the client’s own types are those of the gateway', () => {
  const state: answers.SlimState = {} as SlimState;
  const back: SlimState = {} as answers.SlimState;
  const configuration: answers.SlimConfiguration = {} as SlimConfiguration;
  const savings: answers.Savings = {} as Savings & SlimState & { note: string };
  expect([state, back, configuration, savings]).toHaveLength(4);
});
