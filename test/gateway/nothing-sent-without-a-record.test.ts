import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { verifyJournal } from '../../src/audit/verify.ts';
import { type RunningGateway, startGateway } from '../support/gateway.ts';
import { listenOn } from '../support/listen-on.ts';

const AUTO = { modes: ['Auto'], suffixes: ['jpg'] };
const journalOf = (gateway: RunningGateway) => join(gateway.directory, 'var', 'journal');
const segmentOf = (gateway: RunningGateway) => join(journalOf(gateway), 'segment-00000001.jsonl');

test('an intent stands in the journal before its request, and a closing after it', async () => {
  const gateway = await startGateway();
  await gateway.call('PUT', { body: AUTO });
  await gateway.call('DELETE');
  await gateway.call('GET');
  await gateway.close();
  const requests = gateway.records().filter(({ kind }) => kind === 'intent' || kind === 'closing');
  expect(requests.map(({ kind, outcome, status }) => [kind, outcome, status])).toEqual([
    ['intent', null, null],
    ['closing', 'applied', 200],
    ['intent', null, null],
    ['closing', 'applied', 204],
    ['closing', 'not_applied', 200],
  ]);
  expect(new Set(requests.map(({ requestId }) => requestId)).size).toBe(3);
});

test('records of allowed and denied requests have the same members', async () => {
  const gateway = await startGateway();
  await gateway.call('PUT', { body: AUTO });
  await gateway.call('PUT', { body: AUTO, tenant: 'reports' });
  await fetch(gateway.url);
  await gateway.call('PUT', { body: AUTO, query: '?dryRun=true' });
  await gateway.close();
  const shapes = gateway
    .records()
    .filter(({ kind }) => kind === 'intent' || kind === 'closing')
    .map((record) => Object.keys(record).join());
  expect(shapes).toHaveLength(5);
  expect(new Set(shapes).size).toBe(1);
});

test('a record tells who did what, by which statement, with which key', async () => {
  const gateway = await startGateway();
  const answer = await gateway.call('PUT', { body: AUTO });
  const [closing] = gateway.records().filter(({ kind }) => kind === 'closing');
  expect(closing).toMatchObject({
    requestId: answer.headers.get('x-request-id'),
    sourceAddress: '127.0.0.1',
    tenant: { name: 'photos', subject: 'photos', issuer: 'https://issuer.test' },
    operation: {
      name: 'enable',
      bucket: 'examplebucket-1250000000',
      action: 'ci:SetImageSlim',
      modes: ['Auto'],
      suffixes: ['jpg'],
      isDryRun: false,
    },
    decision: { effect: 'allow', reason: 'allowed', statements: ['photos-everything'] },
    subAccount: { name: 'media', uin: '100000000011', secretId: 'AKIDmedia' },
    upstream: { host: 'examplebucket-1250000000.pic.ap-shanghai.myqcloud.com' },
    outcome: 'applied',
    status: 200,
    upstreamStatus: 200,
    upstreamRequestId: expect.stringMatching(/./),
    attempts: 1,
  });
});

test('a dry run sends nothing and is recorded', async () => {
  const gateway = await startGateway();
  const answer = await gateway.call('PUT', { body: AUTO, query: '?dryRun=true' });
  expect(answer.status).toBe(200);
  const { upstreamRequest, decision } = (await answer.json()) as Record<string, never>;
  expect(decision).toMatchObject({ effect: 'allow', statements: ['photos-everything'] });
  expect(upstreamRequest).toMatchObject({
    method: 'PUT',
    url: 'https://examplebucket-1250000000.pic.ap-shanghai.myqcloud.com/?image-slim',
    headers: {
      'content-type': 'application/xml',
      authorization: expect.stringMatching(/&q-signature=\*\*\*$/),
    },
    body: '<ImageSlim><SlimMode>Auto</SlimMode><Suffixs><Suffix>jpg</Suffix></Suffixs></ImageSlim>',
  });
  expect(gateway.simulator.received()).toEqual([]);
  await gateway.close();
  expect(gateway.records().findLast(({ kind }) => kind === 'closing')).toMatchObject({
    outcome: 'not_applied',
    status: 200,
  });
});

const FAULTS: readonly { name: string; breakJournal: (gateway: RunningGateway) => void }[] = [
  { name: 'its file was removed', breakJournal: (gateway) => rmSync(segmentOf(gateway)) },
  {
    name: 'its file was replaced by another',
    breakJournal: (gateway) => {
      renameSync(segmentOf(gateway), `${segmentOf(gateway)}.old`);
      writeFileSync(segmentOf(gateway), '');
    },
  },
  {
    name: 'its directory was moved away',
    breakJournal: (gateway) => {
      renameSync(journalOf(gateway), `${journalOf(gateway)}.old`);
      mkdirSync(journalOf(gateway));
    },
  },
];

test.for(FAULTS)('nothing is sent when the journal cannot be written: $name', async (fault) => {
  const gateway = await startGateway();
  await gateway.call('PUT', { body: AUTO });
  expect((await fetch(`${gateway.adminUrl}/readyz`)).status).toBe(200);
  const before = gateway.simulator.received().length;

  fault.breakJournal(gateway);
  for (const method of ['PUT', 'DELETE']) {
    const answer = await gateway.call(method, method === 'PUT' ? { body: AUTO } : {});
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toMatch(/^[0-9]+$/);
    expect(await answer.json()).toMatchObject({ code: 'audit-unavailable' });
  }
  expect(gateway.simulator.received()).toHaveLength(before);
  expect((await fetch(`${gateway.adminUrl}/readyz`)).status).toBe(503);
  expect((await fetch(`${gateway.adminUrl}/livez`)).status).toBe(200);
});

test('the chain of a run with everything in it verifies', async () => {
  const gateway = await startGateway();
  await Promise.all(
    Array.from({ length: 40 }, (_, index) =>
      gateway.call('PUT', { body: AUTO, tenant: index % 2 ? 'photos' : 'reports' }),
    ),
  );
  await gateway.close();
  expect(await verifyJournal(journalOf(gateway))).toMatchObject({ isIntact: true });
});

test('strangers cannot fill the journal: their refusals are sampled and counted', async () => {
  const gateway = await startGateway();
  const answers = await Promise.all(Array.from({ length: 200 }, () => fetch(gateway.url)));
  expect(answers.every(({ status }) => status === 404)).toBe(true);
  await gateway.close();
  expect(gateway.records().length).toBeLessThan(60);
});

test('a change whose outcome cannot be recorded is not answered as done', async () => {
  let breakJournal = () => {};
  const upstream = http.createServer((_, response) => {
    breakJournal();
    response.end();
  });
  const gateway = await startGateway({ connect: await listenOn(upstream) });
  breakJournal = () => rmSync(segmentOf(gateway));
  const answer = await gateway.call('PUT', { body: AUTO });
  expect(answer.status).toBe(503);
  expect(await answer.json()).toMatchObject({
    code: 'audit-unavailable',
    detail: expect.stringMatching(/went upstream, but its outcome could not be recorded/),
  });
  expect(answer.headers.get('etag')).toBeNull();
  expect(answer.headers.get('slimgate-receipt')).toBeNull();
});
