import { appendFile, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openWitness, type Verdict } from '../../src/simulator/witness.ts';
import {
  EXAMPLE_HOST,
  SLIM_API,
  send,
  startLocalCloud,
  temporaryDirectory,
} from '../support/local-cloud.ts';
import { signed } from '../support/official-signature.ts';

const REQUEST = {
  method: 'GET',
  url: '/',
  headers: [],
  body: Buffer.from('x'),
  fault: null,
} as const;
const VERDICT: Verdict = {
  secretId: null,
  isSignatureAccepted: false,
  error: null,
  bucket: null,
  region: null,
  operation: null,
  changedTo: null,
};

test('the witness keeps a request as it came, and what became of it', async () => {
  const stateDirectory = await temporaryDirectory();
  const simulator = await startLocalCloud({ stateDirectory });
  const headers = signed({ method: 'PUT', headers: { 'Content-Length': String(SLIM_API.length) } });
  await send(simulator.url, { method: 'PUT', headers, body: SLIM_API });
  const [entry] = simulator.received();
  expect(entry).toMatchObject({
    sequence: 1,
    method: 'PUT',
    url: '/?image-slim',
    body: SLIM_API,
    secretId: 'AKIDlocalmedia00000000000000000000001',
    isSignatureAccepted: true,
    error: null,
    bucket: 'examplebucket-1250000000',
    region: 'ap-shanghai',
    operation: 'PutImageSlim',
    changedTo: { status: 'on', mode: 'API', suffixes: [] },
  });
  expect(entry?.headers).toEqual(
    expect.arrayContaining([
      ['Host', EXAMPLE_HOST],
      ['Authorization', headers.Authorization],
    ]),
  );
  const path = join(stateDirectory, 'witness.jsonl');
  expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(entry);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test('a torn last line is cut off, and counting goes on behind the last whole one', async () => {
  const path = join(await temporaryDirectory(), 'witness.jsonl');
  const first = openWitness(path);
  first.record(REQUEST, VERDICT, new Date(0));
  first.close();
  await appendFile(path, '{"sequence":2,"rec');
  const second = openWitness(path);
  second.record(REQUEST, VERDICT, new Date(0));
  second.close();
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line).sequence)).toEqual([1, 2]);
});

test('a body is kept up to its bound', async () => {
  const witness = openWitness(join(await temporaryDirectory(), 'witness.jsonl'));
  witness.record({ ...REQUEST, body: Buffer.alloc(65536, 'x') }, VERDICT, new Date(0));
  witness.close();
  expect(witness.received()[0]?.body).toHaveLength(8192);
});

test('a closed witness refuses to write', async () => {
  const witness = openWitness(join(await temporaryDirectory(), 'witness.jsonl'));
  witness.close();
  expect(() => witness.record(REQUEST, VERDICT, new Date(0))).toThrow('closed');
});

test('the witness says what a refused signature should have signed', async () => {
  const simulator = await startLocalCloud();
  const headers = signed({ pathname: '/another' });
  await send(simulator.url, { headers });
  const [entry] = simulator.received();
  expect(entry).toMatchObject({ error: 'SignatureDoesNotMatch', isSignatureAccepted: false });
  expect(entry?.explanation).toEqual({
    Message: expect.stringMatching(/./),
    StringToSign: expect.stringMatching(/^sha1\n\d+;\d+\n[0-9a-f]{40}\n$/),
    FormatString: `get\n/\nimage-slim=\nhost=${EXAMPLE_HOST}\n`,
  });
});
