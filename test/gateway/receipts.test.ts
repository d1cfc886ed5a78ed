import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseCheckpoint } from '../../src/audit/checkpoint.ts';
import { verifyReceipt } from '../../src/audit/receipt.ts';
import { type PublicKeys, parsePublicKeys } from '../../src/audit/signing-key.ts';
import { verifyJournal } from '../../src/audit/verify.ts';
import { type RunningGateway, startGateway } from '../support/gateway.ts';

const AUTO = { modes: ['Auto'], suffixes: ['jpg'] };

const keysOf = ({ directory }: RunningGateway): PublicKeys =>
  parsePublicKeys(readFileSync(join(directory, 'var', 'audit-signing.pub.pem'), 'utf8'));

test.for([
  { name: 'a change', method: 'PUT', call: { body: AUTO }, status: 200 },
  { name: 'a change back', method: 'DELETE', call: {}, status: 204 },
  {
    name: 'a change that the upstream refuses',
    method: 'PUT',
    call: { body: AUTO, bucket: 'unbound-1250000000' },
    status: 409,
  },
])('the answer to $name carries a receipt that stands in the journal', async (row) => {
  const gateway = await startGateway();
  const answer = await gateway.call(row.method, row.call);
  expect(answer.status).toBe(row.status);
  const text = answer.headers.get('slimgate-receipt') ?? '';
  expect(text.length).toBeLessThan(1_024);
  const body = await answer.text();
  expect(body === '' ? text : JSON.parse(body).receipt).toBe(text);
  const closing = gateway.records().findLast(({ kind }) => kind === 'closing');
  expect(verifyReceipt(text, keysOf(gateway))).toMatchObject({
    receipt: { seq: closing?.seq, requestId: answer.headers.get('x-request-id') },
  });
  await gateway.close();
  const report = await verifyJournal(join(gateway.directory, 'var', 'journal'), {
    keys: keysOf(gateway),
    witnesses: [{ kind: 'receipt', text }],
  });
  expect(report).toMatchObject({ isIntact: true, unsigned: 0, witnesses: [{ problem: null }] });
});

test.for([
  { name: 'a read', method: 'GET', call: {}, status: 200 },
  { name: 'a dry run', method: 'PUT', call: { body: AUTO, query: '?dryRun=true' }, status: 200 },
  { name: 'a denial', method: 'PUT', call: { body: AUTO, tenant: 'reports' }, status: 403 },
])('what changes nothing has no receipt: $name', async ({ method, call, status }) => {
  const gateway = await startGateway();
  const answer = await gateway.call(method, call);
  expect([answer.status, answer.headers.get('slimgate-receipt')]).toEqual([status, null]);
});

test('every checkpoint of the journal is in the operator’s log, and finds a journal that was cut', async () => {
  const gateway = await startGateway();
  await gateway.call('PUT', { body: AUTO });
  await gateway.close();
  const log = gateway.logged().split('\n').map(parseCheckpoint);
  const logged = log.filter((checkpoint) => checkpoint !== null);
  const written = gateway.records().map((record) => parseCheckpoint(JSON.stringify(record)));
  expect(logged.length).toBeGreaterThan(1);
  expect(logged).toEqual(written.filter((checkpoint) => checkpoint !== null));

  const copy = join(gateway.directory, 'copy');
  mkdirSync(copy);
  const segment = join(gateway.directory, 'var', 'journal', 'segment-00000001.jsonl');
  const start = readFileSync(segment, 'utf8').split('\n').slice(0, 3);
  writeFileSync(join(copy, 'segment-00000001.jsonl'), `${start.join('\n')}\n`);
  const keys = keysOf(gateway);
  expect(await verifyJournal(copy, { keys })).toMatchObject({ isIntact: true });
  const witnesses = logged.map((checkpoint) => ({ kind: 'checkpoint', checkpoint }) as const);
  expect(await verifyJournal(copy, { keys, witnesses })).toMatchObject({
    isIntact: false,
    firstBad: { problem: 'the journal ends before its known head' },
  });
});
