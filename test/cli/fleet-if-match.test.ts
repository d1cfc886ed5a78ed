import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { openRunJournal } from '../../src/cli/fleet/journal.ts';
import { BUCKET, OTHER_BUCKET, REGION, startGateway } from '../support/gateway.ts';
import { listenOn } from '../support/listen-on.ts';
import { API } from '../support/slim-settings.ts';
import { cli } from './running-cli.ts';

const BUCKETS = `
version: 1
defaults: { region: ${REGION}, modes: [Auto], suffixes: [jpg] }
buckets:
  - { bucket: ${BUCKET} }
  - { bucket: ${OTHER_BUCKET}, region: ap-guangzhou }
`;

/** What stands before a gateway, and acts before a request goes on. */
async function startBefore(url: string, act: (method: string) => Promise<void>) {
  const server = http.createServer(async (request, response) => {
    const { method = '', headers, url: path } = request;
    await act(method);
    const sent = new Headers();
    for (const name of ['authorization', 'content-type', 'if-match']) {
      if (headers[name] !== undefined) sent.set(name, String(headers[name]));
    }
    const body = method === 'PUT' ? { body: await buffer(request) } : {};
    const answer = await fetch(url + path, { method, headers: sent, ...body });
    response.writeHead(answer.status, [...answer.headers].flat());
    response.end(Buffer.from(await answer.arrayBuffer()));
  });
  return `http://127.0.0.1:${(await listenOn(server)).port}`;
}

test('a bucket that somebody changed between plan and change is left alone, and the next run has it', async () => {
  const gateway = await startGateway({ state: '{ readBefore: always }' });
  const { simulator, directory } = gateway;
  let isMeddling = true;
  // The first bucket's change is under way, so the plan is made.
  const address = await startBefore(gateway.url, async (method) => {
    if (method !== 'PUT' || !isMeddling) return;
    isMeddling = false;
    await simulator.setState(OTHER_BUCKET, 'ap-guangzhou', API);
  });
  writeFileSync(join(directory, 'photos.jwt'), gateway.token('photos'));
  writeFileSync(join(directory, 'buckets.yaml'), BUCKETS);
  const options = ['--gateway', address, '--token-file', 'photos.jwt', '--report', 'report.json'];
  const apply = async () => {
    const verb = ['slim', 'apply', '-f', 'buckets.yaml', '--concurrency', '1'];
    const run = await cli(directory, ...verb, ...options);
    return { ...run, report: JSON.parse(readFileSync(join(directory, 'report.json'), 'utf8')) };
  };

  const first = await apply();
  expect(first.code).toBe(1);
  expect(first.report.totals).toEqual({
    applied: 1,
    unchanged: 0,
    'changed-meanwhile': 1,
    failed: 0,
    'not-tried': 0,
  });
  expect(first.stdout).toMatch(/ap-guangzhou\/catalogue-1250000000 +precondition-failed +\S{36}\n/);
  expect(first.stderr).toMatch(/^! ap-guangzhou\/catalogue-1250000000: precondition-failed: /m);
  expect(simulator.stateOf(OTHER_BUCKET, 'ap-guangzhou')).toEqual(API);

  const second = await apply();
  expect([second.code, second.stdout]).toEqual([
    0,
    expect.stringMatching(/^~ ap-guangzhou\/catalogue-1250000000: API -> Auto jpg\n/),
  ]);
  // Both runs count, and tell what each bucket was before it was changed.
  expect(second.report.totals).toMatchObject({ applied: 2, 'changed-meanwhile': 0 });
  expect(second.report.buckets).toMatchObject([{ before: 'off' }, { before: 'API' }]);
  expect(simulator.stateOf(OTHER_BUCKET, 'ap-guangzhou')).toMatchObject({ mode: 'Auto' });
}, 30_000);

test('with --force, and only with it, buckets are changed where no If-Match is offered', async () => {
  const gateway = await startGateway({ state: '{ readBefore: never }' });
  const { simulator, directory } = gateway;
  writeFileSync(join(directory, 'photos.jwt'), gateway.token('photos'));
  writeFileSync(join(directory, 'buckets.yaml'), BUCKETS);
  const verb = ['slim', 'apply', '-f', 'buckets.yaml', '--gateway', gateway.url];
  const apply = (...more: string[]) =>
    cli(directory, ...verb, '--token-file', 'photos.jwt', ...more);
  const refused = await apply();
  expect([refused.code, refused.stderr]).toMatchObject([1, /^! .*header-unsupported: `if-match`/m]);
  expect(simulator.stateOf(BUCKET, REGION)).toMatchObject({ status: 'off' });
  expect((await apply('--force')).code).toBe(0);
  expect(simulator.stateOf(BUCKET, REGION)).toMatchObject({ status: 'on' });
}, 30_000);

test('a change without an answer that arrived late still counts as this command’s own', () => {
  const directory = mkdtempSync(join(tmpdir(), 'slimgate-fleet-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const open = () => {
    const of = { text: BUCKETS, gateway: 'http://127.0.0.1', now: new Date() };
    return openRunJournal(join(directory, 'buckets.yaml'), of);
  };
  const begun = { region: REGION, bucket: BUCKET, desired: 'Auto jpg', before: 'off' };
  const lost = open();
  lost.begin(begun);
  lost.end({ ...begun, outcome: 'failed', code: 'upstream-timeout' }, false);
  // It arrives behind the second run's look, so the bucket is not as it was seen.
  const late = open();
  late.begin(begun);
  late.end({ ...begun, outcome: 'changed-meanwhile', code: 'precondition-failed' }, true);
  expect(open().earlier(begun)).toEqual(begun);

  const other = { ...begun, bucket: OTHER_BUCKET };
  const refused = open();
  refused.begin(other);
  refused.end({ ...other, outcome: 'failed', code: 'policy-denied' }, true);
  expect(open().earlier(other)).toBeUndefined();
});
