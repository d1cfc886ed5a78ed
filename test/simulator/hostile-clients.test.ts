import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Simulator } from '../../src/simulator/create-simulator.ts';
import {
  EXAMPLE_HOST,
  errorCode,
  SLIM_API,
  send,
  startLocalCloud,
} from '../support/local-cloud.ts';
import { signed } from '../support/official-signature.ts';

/** Write bytes, end unless told to stay, and read whatever comes until the other side ends. */
async function converse(
  { host, port }: Simulator,
  bytes: string | Uint8Array,
  { stays = false } = {},
): Promise<string> {
  const socket = connect({ host, port });
  socket.on('error', () => undefined);
  socket.write(bytes);
  if (!stays) socket.end();
  return text(socket).catch(() => '');
}

function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1]);
}

function head(lines: readonly string[]): string {
  return `${lines.join('\r\n')}\r\n\r\n`;
}

function putHead(extra: Readonly<Record<string, string>> = {}): string[] {
  const headers = { ...signed({ method: 'PUT' }), ...extra };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return ['PUT /?image-slim HTTP/1.1', 'Connection: close', ...lines];
}

const UNREADABLE: readonly { name: string; bytes: string }[] = [
  { name: 'noise', bytes: '\u0000\u0001\u0002\r\n\r\n' },
  { name: 'TLS', bytes: '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\r\n\r\n' },
  { name: 'an unknown method', bytes: head(['BREW / HTTP/1.1', `Host: ${EXAMPLE_HOST}`]) },
  {
    name: 'a header section of 64 KiB',
    bytes: head(['GET / HTTP/1.1', `Host: ${EXAMPLE_HOST}`, `X: ${'x'.repeat(65536)}`]),
  },
  {
    name: 'two lengths',
    bytes: head([
      'PUT / HTTP/1.1',
      `Host: ${EXAMPLE_HOST}`,
      'Content-Length: 1',
      'Content-Length: 2',
    ]),
  },
  {
    name: 'a length and chunks',
    bytes: head([
      'PUT / HTTP/1.1',
      `Host: ${EXAMPLE_HOST}`,
      'Content-Length: 1',
      'Transfer-Encoding: chunked',
    ]),
  },
];

test.each(UNREADABLE)('$name is answered 400 and witnessed', async ({ bytes }) => {
  const simulator = await startLocalCloud();
  const answer = await converse(simulator, bytes);
  expect(statusOf(answer)).toBe(400);
  expect(answer).toContain('<Code>BadRequest</Code>');
  expect(simulator.received()).toMatchObject([{ error: 'BadRequest', method: '' }]);
});

const READABLE: readonly { name: string; lines: () => string[]; code: string; status: number }[] = [
  {
    name: 'a tunnel',
    lines: () => [`CONNECT ${EXAMPLE_HOST}:443 HTTP/1.1`, `Host: ${EXAMPLE_HOST}:443`],
    code: 'InvalidURI',
    status: 400,
  },
  {
    name: 'an asterisk for a target',
    lines: () => ['OPTIONS * HTTP/1.1', `Host: ${EXAMPLE_HOST}`, 'Connection: close'],
    code: 'InvalidURI',
    status: 400,
  },
  {
    name: 'two Hosts',
    lines: () => putHead({ 'Content-Length': '0', host: 'other' }),
    code: 'InvalidRequest',
    status: 400,
  },
  {
    name: 'two signatures',
    lines: () => putHead({ 'Content-Length': '0', authorization: 'q-ak=x' }),
    code: 'InvalidRequest',
    status: 400,
  },
  {
    name: 'a covered header that is repeated',
    lines: () => [
      ...putHead(signed({ method: 'PUT', headers: { 'X-Cos-A': '1' } })),
      'x-cos-a: 1',
      'Content-Length: 0',
    ],
    code: 'InvalidRequest',
    status: 400,
  },
  {
    name: 'a PUT without a length',
    lines: () => putHead(),
    code: 'MissingContentLength',
    status: 411,
  },
];

test.each(READABLE)('$name is answered $status $code', async ({ lines, code, status }) => {
  const simulator = await startLocalCloud();
  const answer = await converse(simulator, head(lines()));
  expect(statusOf(answer)).toBe(status);
  expect(answer).toContain(`<Code>${code}</Code>`);
  expect(simulator.received()).toMatchObject([{ error: code }]);
});

test('a body that ends too early is witnessed and changes nothing', async () => {
  const simulator = await startLocalCloud();
  await converse(simulator, head(putHead({ 'Content-Length': '100' })) + SLIM_API);
  await expect
    .poll(() => simulator.received())
    .toMatchObject([{ error: 'IncompleteBody', body: SLIM_API, changedTo: null }]);
  expect(simulator.stateOf('examplebucket-1250000000', 'ap-shanghai')?.status).toBe('off');
});

test('a chunked body is read like any other', async () => {
  const simulator = await startLocalCloud();
  const chunk = `${SLIM_API.length.toString(16)}\r\n${SLIM_API}\r\n0\r\n\r\n`;
  const bytes = head(putHead({ 'Transfer-Encoding': 'chunked' })) + chunk;
  const answer = await converse(simulator, bytes, { stays: true });
  expect(statusOf(answer)).toBe(200);
});

test('what a hostile client writes comes back escaped', async () => {
  const simulator = await startLocalCloud();
  const note = '<&"\'>\u0001]]>'.replace('\u0001', '\t');
  const headers = signed({ headers: { 'x-cos-meta-note': note } });
  const Authorization = headers.Authorization?.replace(/.$/, 'x') ?? '';
  const { body } = await send(simulator.url, { headers: { ...headers, Authorization } });
  expect(errorCode(body)).toBe('SignatureDoesNotMatch');
  expect(body.replace(/<\/?[A-Za-z]+>|<\?[^<>]*\?>/g, '')).not.toMatch(/[<>]/);
});

test('no bytes bring it down', async () => {
  const simulator = await startLocalCloud();
  const start = fc.constantFrom('', 'GET ', 'PUT /?image-slim HTTP/1.1\r\nHost: x\r\n');
  await fc.assert(
    fc.asyncProperty(start, fc.uint8Array({ maxLength: 300 }), async (prefix, noise) => {
      await converse(
        simulator,
        Buffer.concat([Buffer.from(prefix), noise, Buffer.from('\r\n\r\n')]),
      );
    }),
    { numRuns: 200 },
  );
  const answer = await send(simulator.url, { headers: signed() });
  expect(answer.status).toBe(200);
});
