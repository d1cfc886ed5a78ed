import http from 'node:http';
import { expect, test } from 'vitest';
import { startGateway } from '../support/gateway.ts';
import { until } from '../support/journal.ts';
import { listenOn } from '../support/listen-on.ts';

const AUTO = { modes: ['Auto'], suffixes: ['jpg'] };
const DOCUMENT =
  '<ImageSlim><Status>on</Status><SlimMode>Auto</SlimMode><Suffixs><Suffix>jpg</Suffix></Suffixs></ImageSlim>';

test('a change whose answer was lost is looked at upstream, by a signed read, and recorded', async () => {
  const asked: http.IncomingMessage[] = [];
  const upstream = http.createServer((request, response) => {
    request.resume();
    if (request.method === 'PUT') return void request.socket.destroy();
    asked.push(request);
    response.setHeader('content-type', 'application/xml').end(DOCUMENT);
  });
  const gateway = await startGateway({
    connect: await listenOn(upstream),
    upstream: 'settleMs: 0',
  });
  const answer = await gateway.call('PUT', { body: AUTO });
  expect(answer.status).toBe(502);
  const resolved = () => gateway.records().filter(({ kind }) => kind === 'resolved');
  await until(() => resolved().length > 0);
  expect(resolved()).toMatchObject([
    {
      requestId: answer.headers.get('x-request-id'),
      tenant: { name: 'photos' },
      finding: 'matches_intent',
      state: { status: 'on', modes: ['Auto'], suffixes: ['jpg'] },
      attempts: 1,
      orderedBy: null,
    },
  ]);
  expect(asked.map(({ method, url }) => `${method} ${url}`)).toEqual(['GET /?image-slim']);
  expect(asked[0]?.headers.authorization).toMatch(/^q-sign-algorithm=sha1&q-ak=AKIDmedia&/);
});
