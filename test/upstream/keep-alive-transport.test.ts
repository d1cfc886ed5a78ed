import { Buffer } from 'node:buffer';
import net from 'node:net';
import tls from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { Deadline } from '../../src/upstream/deadline.ts';
import { createTransport } from '../../src/upstream/keep-alive-transport.ts';
import type { ConnectTarget } from '../../src/upstream/open-socket.ts';
import type { Transport } from '../../src/upstream/transport.ts';
import { type RequestParts, WireRequest } from '../../src/upstream/wire-request.ts';
import { inDays, makeCertificate } from '../support/certificate.ts';
import { listenOn } from '../support/listen-on.ts';
import { answerText, startRawUpstream } from '../support/raw-upstream.ts';

const HOST = 'examplebucket-1250000000.pic.ap-shanghai.myqcloud.com';

const OK = answerText('200 OK', '<R/>');

const request = (method: string, more: Partial<RequestParts> = {}): WireRequest =>
  new WireRequest({
    method,
    host: HOST,
    target: '/?image-slim',
    headers: { host: HOST, authorization: 'q-sign-algorithm=sha1' },
    body: null,
    ...more,
  });

function transportTo(connect: ConnectTarget, maxSockets = 8): Transport {
  const transport = createTransport({ connect, maxSockets, idleSocketMs: 60_000 });
  onTestFinished(() => transport.close());
  return transport;
}

test('five hundred exchanges at once over eight connections each get their own answer', async () => {
  const upstream = await startRawUpstream((socket, { body }) => {
    setImmediate(() => socket.write(answerText('200 OK', `<R>${body}</R>`)));
  });
  const transport = transportTo({ protocol: 'http:', ...upstream });
  const results = await Promise.all(
    Array.from({ length: 500 }, async (_, index) => {
      const body = Buffer.from(`number ${index}`);
      const headers = { host: HOST, 'content-length': String(body.length) };
      const result = await transport.exchange(
        request('PUT', { headers, body }),
        new Deadline(15_000),
      );
      return result.kind === 'answer' && result.body.toString() === `<R>number ${index}</R>`;
    }),
  );
  expect(results).toEqual(Array(500).fill(true));
  expect(upstream.connectionCount()).toBe(8);
});

test('every byte of a body arrives, whatever it is', async () => {
  const upstream = await startRawUpstream((socket) => void socket.write(answerText('200 OK')));
  const transport = transportTo({ protocol: 'http:', ...upstream });
  const body = Buffer.from(Array.from({ length: 4096 }, (_, index) => index % 256));
  const headers = { host: HOST, 'content-length': '4096' };
  await transport.exchange(request('PUT', { headers, body }), new Deadline(5000));
  expect(Buffer.from(upstream.requests[0]?.body ?? '', 'latin1').equals(body)).toBe(true);
});

test('an answer has only the headers that are looked at, and its body as it came', async () => {
  const lines = ['x-cos-request-id: a', 'Set-Cookie: b', 'x-cos-trace-id: c', 'Retry-After: 1'];
  const upstream = await startRawUpstream((socket) => {
    socket.write(answerText('418 Teapot', 'caf\u00e9', lines));
  });
  const transport = transportTo({ protocol: 'http:', ...upstream });
  expect(await transport.exchange(request('GET'), new Deadline(5000))).toEqual({
    kind: 'answer',
    status: 418,
    headers: {
      'content-type': 'application/xml',
      'retry-after': '1',
      'x-cos-request-id': 'a',
      'x-cos-trace-id': 'c',
    },
    body: Buffer.from('caf\u00e9'),
  });
});

test('an answer of 64 KiB is taken, a byte more is not', async () => {
  const upstream = await startRawUpstream((socket, { method }) => {
    socket.write(answerText('200 OK', 'a'.repeat(65_536 + (method === 'PUT' ? 1 : 0))));
  });
  const transport = transportTo({ protocol: 'http:', ...upstream });
  const taken = await transport.exchange(request('GET'), new Deadline(5000));
  expect(taken.kind === 'answer' && taken.body.length).toBe(65_536);
  const refused = await transport.exchange(request('PUT'), new Deadline(5000));
  expect(refused).toMatchObject({ kind: 'fault', fault: 'too-large', wasSent: true });
});

test('a name that has no address was not sent to', async () => {
  const transport = transportTo({ protocol: 'http:', host: 'no-such-host.invalid', port: 80 });
  expect(await transport.exchange(request('GET'), new Deadline(15_000))).toMatchObject({
    kind: 'fault',
    wasSent: false,
  });
});

test('an exchange that waits for a connection has its own deadline, and was not sent', async () => {
  const upstream = await startRawUpstream(() => {});
  const transport = transportTo({ protocol: 'http:', ...upstream }, 1);
  const hanging = transport.exchange(request('PUT'), new Deadline(15_000));
  await expect.poll(() => upstream.requests.length, { timeout: 10_000 }).toBe(1);
  expect(await transport.exchange(request('DELETE'), new Deadline(200))).toMatchObject({
    kind: 'fault',
    fault: 'timeout',
    wasSent: false,
  });
  expect(upstream.requests.map(({ method }) => method)).toEqual(['PUT']);
  upstream.openSockets()[0]?.destroy();
  expect(await hanging).toMatchObject({ fault: 'reset', wasSent: true });
});

test('a connection that closes before it was made is no stale one', async () => {
  const server = net.createServer((socket) => socket.destroy());
  const transport = transportTo({ protocol: 'http:', ...(await listenOn(server)) });
  for (let i = 0; i < 3; i += 1) {
    const result = await transport.exchange(request('PUT'), new Deadline(5000));
    expect(result).toMatchObject({ kind: 'fault', isStaleSocket: false });
  }
});

type SecureOptions = tls.TlsOptions & { isTrusted?: boolean };

/** A TLS upstream that keeps what it can read; `isTrusted` puts its certificate among the known. */
async function startSecure(
  options: SecureOptions,
  reply = (socket: tls.TLSSocket, _count: number) => void socket.write(OK),
) {
  const received: string[] = [];
  let handshakes = 0;
  const server = tls.createServer(options, (socket) => {
    handshakes += 1;
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      received.push(chunk.toString('latin1'));
      reply(socket, received.length);
    });
  });
  server.on('tlsClientError', () => {});
  const address = await listenOn(server);
  if (options.isTrusted) {
    const before = tls.getCACertificates();
    tls.setDefaultCACertificates([...before, String(options.cert)]);
    onTestFinished(() => tls.setDefaultCACertificates(before));
  }
  return {
    transport: transportTo({ protocol: 'https:', ...address }),
    received: () => received.join(''),
    handshakes: () => handshakes,
  };
}

test('a request goes over TLS to whom the certificate names, and the connection is kept', async () => {
  const upstream = await startSecure({ ...makeCertificate({ host: HOST }), isTrusted: true });
  for (let i = 0; i < 3; i += 1) {
    const result = await upstream.transport.exchange(request('GET'), new Deadline(5000));
    expect(result).toMatchObject({ kind: 'answer', status: 200 });
  }
  expect(upstream.handshakes()).toBe(1);
  const one = `GET /?image-slim HTTP/1.1\r\nhost: ${HOST}\r\nconnection: keep-alive\r\nauthorization: q-sign-algorithm=sha1\r\n\r\n`;
  expect(upstream.received()).toBe(one.repeat(3));
});

test.each(['TLSv1.2', 'TLSv1.3'] as const)(
  'the next connection over %s resumes the session of the one before',
  async (maxVersion) => {
    const resumed: boolean[] = [];
    const options = { ...makeCertificate({ host: HOST }), isTrusted: true, maxVersion };
    const upstream = await startSecure(options, (socket) => {
      resumed.push(socket.isSessionReused());
      socket.end(OK);
    });
    for (let i = 0; i < 3; i += 1)
      await upstream.transport.exchange(request('GET'), new Deadline(5000));
    expect(resumed).toEqual([false, true, true]);
  },
);

test('a stale connection is told from a broken one over TLS, too', async () => {
  const endings: Readonly<Record<string, (socket: tls.TLSSocket) => void>> = {
    'gave nothing': (socket) => socket.destroy(),
    'gave nothing but its end': (socket) => void socket.end(),
    'gave half an answer': (socket) => void socket.end('HTTP/1.1 2'),
  };
  const options = { ...makeCertificate({ host: HOST }), isTrusted: true };
  for (const [name, ending] of Object.entries(endings)) {
    const upstream = await startSecure(options, (socket, count) => {
      if (count === 1) socket.write(OK);
      else ending(socket);
    });
    expect(await upstream.transport.exchange(request('GET'), new Deadline(5000))).toMatchObject({
      status: 200,
    });
    const result = await upstream.transport.exchange(request('GET'), new Deadline(5000));
    const isStaleSocket = name !== 'gave half an answer';
    expect(result, name).toMatchObject({ fault: 'reset', wasSent: true, isStaleSocket });
  }
});

const UNTRUSTED: Readonly<Record<string, () => SecureOptions>> = {
  'nobody knows': () => makeCertificate({ host: HOST }),
  'names another host': () => ({
    ...makeCertificate({ host: 'other-1250000000.pic.ap-shanghai.myqcloud.com' }),
    isTrusted: true,
  }),
  'names another host over TLS 1.2': () => ({
    ...makeCertificate({ host: 'other-1250000000.pic.ap-shanghai.myqcloud.com' }),
    isTrusted: true,
    maxVersion: 'TLSv1.2',
  }),
  'names the parent of the host': () => ({
    ...makeCertificate({ host: 'pic.ap-shanghai.myqcloud.com' }),
    isTrusted: true,
  }),
  'has expired': () => ({
    ...makeCertificate({ host: HOST, notAfter: inDays(-1) }),
    isTrusted: true,
  }),
  'comes over TLS 1.1': () => ({
    ...makeCertificate({ host: HOST }),
    isTrusted: true,
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1.1',
    ciphers: 'DEFAULT@SECLEVEL=0',
  }),
};

test.each(Object.entries(UNTRUSTED))(
  'nothing is sent to an upstream whose certificate %s',
  async (_, options) => {
    const upstream = await startSecure(options());
    for (const method of ['PUT', 'GET']) {
      expect(await upstream.transport.exchange(request(method), new Deadline(5000))).toMatchObject({
        kind: 'fault',
        fault: 'unreachable',
        wasSent: false,
      });
    }
    expect(upstream.received()).toBe('');
  },
);

test('nothing readable is sent to an upstream that does not speak TLS', async () => {
  const upstream = await startRawUpstream(() => {});
  const transport = transportTo({ protocol: 'https:', host: upstream.host, port: upstream.port });
  const plain = net.createServer((socket) => void socket.end('HTTP/1.1 200 OK\r\n\r\n'));
  const answering = transportTo({ protocol: 'https:', ...(await listenOn(plain)) });
  expect(await answering.exchange(request('PUT'), new Deadline(5000))).toMatchObject({
    fault: 'unreachable',
    wasSent: false,
  });
  expect(await transport.exchange(request('PUT'), new Deadline(300))).toMatchObject({
    fault: 'timeout',
    wasSent: false,
  });
  expect(upstream.bytes()).not.toContain('q-sign');
});
