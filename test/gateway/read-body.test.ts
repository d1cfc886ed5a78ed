import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { readBody } from '../../middleware/read-body.ts';

const LIMITS = { maxBytes: 8, timeoutMs: 60_000 };
const HEAD = 'PUT / HTTP/1.1\r\nHost: a\r\n';

/** A request of which something has been sent; it is not read yet. */
async function requestOf(text: string) {
  const server = http.createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = net.connect(port, '127.0.0.1');
  onTestFinished(() => {
    client.destroy();
    server.close();
    server.closeAllConnections();
  });
  client.write(text);
  const [request] = (await once(server, 'request')) as [http.IncomingMessage];
  return { request, client };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test.each([
  ['with a length', 'Content-Length: 8\r\n\r\n12345678'],
  ['in chunks', 'Transfer-Encoding: chunked\r\n\r\n3\r\n123\r\n5\r\n45678\r\n0\r\n\r\n'],
])('a body %s that has come whole is read at once, and is at its end', async (_, text) => {
  const { request } = await requestOf(HEAD + text);
  await turn();
  expect(request.complete).toBe(true);
  expect((await readBody(request, LIMITS)).toString()).toBe('12345678');
  await turn();
  expect(request.readableEnded).toBe(true);
});

test('one that comes by and by is read to its end', async () => {
  const { request, client } = await requestOf(`${HEAD}Content-Length: 8\r\n\r\n1234`);
  const body = readBody(request, LIMITS);
  client.write('5678');
  expect((await body).toString()).toBe('12345678');
});

test('one without a byte is empty', async () => {
  const { request } = await requestOf(`${HEAD}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`);
  await turn();
  expect(await readBody(request, LIMITS)).toHaveLength(0);
});

test('one that has come whole and is too long is refused', async () => {
  const chunks = '9\r\n123456789\r\n0\r\n\r\n';
  const { request } = await requestOf(`${HEAD}Transfer-Encoding: chunked\r\n\r\n${chunks}`);
  await turn();
  expect(request.complete).toBe(true);
  await expect(readBody(request, LIMITS)).rejects.toMatchObject({ code: 'body-too-large' });
});

test('one whose caller has left is refused at once, not when its time is up', async () => {
  const { request, client } = await requestOf(`${HEAD}Content-Length: 8\r\n\r\n1234`);
  // `once` would take the error that comes with it.
  const closed = new Promise((resolve) => request.on('close', resolve));
  client.resetAndDestroy();
  await closed;
  await expect(readBody(request, LIMITS)).rejects.toMatchObject({ code: 'body-malformed' });
});
