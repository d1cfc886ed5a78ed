import http from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { LoadGenerator, type LoadOrder } from '../../bench/load.ts';
import { serveOnFreePort } from '../../bench/subjects/subject.ts';

const REQUESTS = ['/a', '/b', '/c'].map(
  (path) => `GET ${path} HTTP/1.1\r\nhost: load.test\r\n\r\n`,
);

async function startSubject(answer: http.RequestListener): Promise<LoadOrder> {
  const { port, close } = await serveOnFreePort(http.createServer(answer));
  onTestFinished(close);
  return { port, requests: REQUESTS, expectedStatus: 200, callers: 4, durationMs: 50 };
}

async function run(order: LoadOrder) {
  const generator = new LoadGenerator();
  onTestFinished(() => generator.close());
  return generator.run(order);
}

test('every request that the subject answered is counted, and the requests take turns', async () => {
  const received = new Map<string | undefined, number>();
  const order = await startSubject(({ url }, response) => {
    received.set(url, (received.get(url) ?? 0) + 1);
    response.end('{}');
  });
  const { requests, latencyMs } = await run(order);
  const counts = [...received.values()];
  expect([...received.keys()].sort()).toEqual(['/a', '/b', '/c']);
  expect(requests).toBe(counts.reduce((sum, count) => sum + count));
  expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
  expect(latencyMs.p50).toBeGreaterThan(0);
  expect(latencyMs.p50).toBeLessThanOrEqual(latencyMs.p90);
  expect(latencyMs.p90).toBeLessThanOrEqual(latencyMs.p99);
});

test('an answer in many pieces is one answer', async () => {
  const order = await startSubject((_request, response) => {
    response.writeHead(200, { 'content-length': 6 });
    response.write('abc');
    setImmediate(() => response.end('def'));
  });
  expect((await run(order)).requests).toBeGreaterThanOrEqual(order.callers);
});

test('one wrong status among many answers fails the run and is told', async () => {
  let count = 0;
  const order = await startSubject((_request, response) => {
    count += 1;
    if (count === 9) response.statusCode = 503;
    response.end('no room');
  });
  await expect(run(order)).rejects.toThrow('expected 200, got 503: no room');
});

test('a subject that hangs up fails the run', async () => {
  const order = await startSubject((request) => request.socket.destroy());
  await expect(run(order)).rejects.toThrow(/closed a connection|ECONNRESET/);
});
