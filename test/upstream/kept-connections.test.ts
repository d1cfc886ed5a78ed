import { execFile } from 'node:child_process';
import net from 'node:net';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { Deadline } from '../../src/upstream/deadline.ts';
import { createTransport } from '../../src/upstream/keep-alive-transport.ts';
import { WireRequest } from '../../src/upstream/wire-request.ts';
import { listenOn } from '../support/listen-on.ts';
import { answerText, type Reply, startRawUpstream } from '../support/raw-upstream.ts';

const OK = answerText('200 OK', '<R/>');
const STRAY = answerText('200 OK', '<Stray/>');

const wire = (method: string, body: Buffer | null = null) =>
  new WireRequest({
    method,
    host: 'a.test',
    target: '/?image-slim',
    headers: { host: 'a.test', ...(body && { 'content-length': String(body.length) }) },
    body,
  });

function transportTo(place: { host: string; port: number }) {
  const connect = { protocol: 'http:', ...place } as const;
  const transport = createTransport({ connect, maxSockets: 8, idleSocketMs: 60_000 });
  onTestFinished(() => transport.close());
  return (method: string, body?: Buffer) =>
    transport.exchange(wire(method, body), new Deadline(10_000));
}

async function start(reply: Reply) {
  const upstream = await startRawUpstream(reply);
  return { upstream, exchange: transportTo(upstream) };
}

/** What may be said with an answer, and whether its connection serves the next request as well. */
const ENDINGS: Readonly<Record<string, readonly [answer: string, isKept: boolean]>> = {
  'nothing more': [OK, true],
  'that it is kept': [answerText('200 OK', '', ['Connection: keep-alive']), true],
  'that it closes': [answerText('200 OK', '', ['Connection: close']), false],
  'that it closes soon': [answerText('200 OK', '', ['Keep-Alive: timeout=1']), false],
  'HTTP/1.0': [OK.replace('1.1', '1.0'), false],
  'the length of a body that a 204 has not': [
    'HTTP/1.1 204 No\r\nContent-Length: 1\r\n\r\n',
    false,
  ],
  'a byte too many': [`${OK}x`, false],
  'a line break too many': [`${OK}\r\n`, false],
  'another answer': [OK + STRAY, false],
};

test.each(Object.entries(ENDINGS))(
  'a connection is kept where its answer allows it: %s',
  async (_, [answer, isKept]) => {
    const { upstream, exchange } = await start((socket) => void socket.write(answer));
    for (let i = 0; i < 3; i += 1) expect(await exchange('GET')).toMatchObject({ kind: 'answer' });
    expect(upstream.connectionCount()).toBe(isKept ? 1 : 3);
  },
);

test('an answer that ends with its connection is whole, and a reset ends none', async () => {
  const { exchange } = await start((socket, { method }) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\nall of ', () => {
      if (method === 'GET') socket.end('it');
      else socket.resetAndDestroy();
    });
  });
  expect(await exchange('GET')).toMatchObject({ body: Buffer.from('all of it') });
  expect(await exchange('DELETE')).toMatchObject({ fault: 'truncated', wasSent: true });
});

/** Have something come on an idle connection, and ask anew before anybody has read it. */
async function startIdle(meanwhile: (socket: net.Socket) => void) {
  const { upstream, exchange } = await start((socket) => void socket.write(OK));
  expect(await exchange('GET')).toMatchObject({ kind: 'answer' });
  const [socket] = upstream.openSockets();
  if (socket === undefined) throw new Error('the connection is kept');
  meanwhile(socket);
  // On to what follows the reading of sockets: what was written now is read in the next round.
  await new Promise(setImmediate);
  return { upstream, result: await exchange('PUT') };
}

const UNASKED: Readonly<Record<string, (socket: net.Socket) => void>> = {
  'a whole answer': (socket) => void socket.write(STRAY),
  'the begin of one': (socket) => void socket.write('HTTP/1.1 2'),
  'a byte': (socket) => void socket.write('\n'),
  'its end': (socket) => void socket.end(),
  'a whole answer and its end': (socket) => void socket.end(STRAY),
  'a reset': (socket) => void socket.resetAndDestroy(),
};

test.each(Object.entries(UNASKED))(
  'what came on an idle connection before a request is written is no answer to it: %s',
  async (_, meanwhile) => {
    const { upstream, result } = await startIdle(meanwhile);
    // No attempt is lost by it: the connection was closed before it was used.
    expect(result).toMatchObject({ kind: 'answer', body: Buffer.from('<R/>') });
    expect(upstream.requests.map(({ method, connection }) => [method, connection])).toEqual([
      ['GET', 1],
      ['PUT', 2],
    ]);
  },
);

test('an answer to a request that is not wholly written is taken, and its connection is not kept', async () => {
  const sockets: net.Socket[] = [];
  const server = net.createServer((socket) => {
    sockets.push(socket);
    socket.once('data', () => {
      socket.pause();
      socket.write(answerText('413 Too Large'));
    });
  });
  const exchange = transportTo(await listenOn(server));
  const huge = Buffer.alloc(32 * 1024 * 1024);
  for (let i = 0; i < 2; i += 1) expect(await exchange('PUT', huge)).toMatchObject({ status: 413 });
  expect(sockets).toHaveLength(2);
});

test('an answer in pieces of every size is one answer', async () => {
  const body = 'a'.repeat(3000);
  const text = answerText('200 OK', body);
  const { exchange } = await start((socket) => {
    let [at, size] = [0, 1];
    const drip = setInterval(() => {
      socket.write(text.slice(at, at + size));
      [at, size] = [at + size, size * 3];
      if (at >= text.length) clearInterval(drip);
    }, 2);
  });
  expect(await exchange('GET')).toMatchObject({ status: 200, body: Buffer.from(body) });
});

test('no answer is written over by the next one on its connection', async () => {
  const { upstream, exchange } = await start((socket, { method }) => {
    socket.write(answerText('200 OK', method.repeat(100)));
  });
  const first = await exchange('GET');
  await exchange('DELETE');
  expect(upstream.connectionCount()).toBe(1);
  expect(first).toMatchObject({ body: Buffer.from('GET'.repeat(100)) });
});

test('the deadline of an exchange that has ended does nothing to the next one on its connection', async () => {
  const upstream = await startRawUpstream((socket, { method }) => {
    if (method === 'GET') socket.write(OK);
    else setTimeout(() => socket.write(OK), 150);
  });
  const connect = { protocol: 'http:', ...upstream } as const;
  const transport = createTransport({ connect, maxSockets: 8, idleSocketMs: 60_000 });
  onTestFinished(() => transport.close());
  const soon = new Deadline(60);
  expect(await transport.exchange(wire('GET'), soon)).toMatchObject({ kind: 'answer' });
  const next = await transport.exchange(wire('DELETE'), new Deadline(10_000));
  expect([soon.isOver, next.kind, upstream.connectionCount()]).toEqual([true, 'answer', 1]);
});

test('a process is not kept alive by an idle connection', async () => {
  const { upstream } = await start((socket) => void socket.write(OK));
  const module = (name: string) =>
    JSON.stringify(new URL(`../../src/upstream/${name}.ts`, import.meta.url).href);
  const script = `
    const { createTransport } = await import(${module('keep-alive-transport')});
    const { Deadline } = await import(${module('deadline')});
    const { WireRequest } = await import(${module('wire-request')});
    const connect = { protocol: 'http:', host: '127.0.0.1', port: ${upstream.port} };
    const transport = createTransport({ connect, maxSockets: 1, idleSocketMs: 300000 });
    const parts = { method: 'GET', host: 'a', target: '/', headers: { host: 'a' }, body: null };
    const deadline = new Deadline(10000);
    console.log((await transport.exchange(new WireRequest(parts), deadline)).status);
    deadline.close();`;
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '-e',
    script,
  ]);
  expect(stdout).toBe('200\n');
  expect(upstream.connectionCount()).toBe(1);
});
