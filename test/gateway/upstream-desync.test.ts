import { expect, test } from 'vitest';
import { BUCKET, OTHER_BUCKET, startGateway } from '../support/gateway.ts';
import { answerText, normalAnswer, type Reply, startRawUpstream } from '../support/raw-upstream.ts';

/** What one tenant must never read: an answer that nobody, or another, has asked for. */
const STRAY = answerText(
  '200 OK',
  '<ImageSlim><Status>on</Status><SlimMode>API</SlimMode></ImageSlim>',
  ['x-cos-request-id: stray'],
);

const ANSWER = normalAnswer('GET');

/** How a stray answer can come to stand on a kept connection. */
const STRAYS: Readonly<Record<string, Reply>> = {
  'in the same segment': (socket) => void socket.write(ANSWER + STRAY),
  'in the next segment': (socket) => {
    socket.write(ANSWER, () => setImmediate(() => socket.write(STRAY)));
  },
  'while the connection idles': (socket) => {
    socket.write(ANSWER, () => setTimeout(() => socket.write(STRAY), 30));
  },
  'begun in the same segment, ended later': (socket) => {
    socket.write(ANSWER + STRAY.slice(0, 40), () =>
      setTimeout(() => socket.write(STRAY.slice(40)), 30),
    );
  },
  'behind a refusal': (socket) => void socket.write(answerText('404 Not Found') + STRAY),
  'behind a body that is longer than its length': (socket) =>
    void socket.write(`${ANSWER} ${STRAY}`),
  'behind an answer that takes no body': (socket) =>
    void socket.write(`HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n${STRAY}`),
  'as an interim answer and a final one': (socket) =>
    void socket.write(`${ANSWER}HTTP/1.1 103 Early Hints\r\n\r\n${STRAY}`),
};

test.each(Object.entries(STRAYS))(
  'a stray second answer is never read by the next tenant: %s',
  async (_, reply) => {
    const upstream = await startRawUpstream((socket, request) => {
      if (request.host.startsWith(BUCKET)) reply(socket, request);
      else socket.write(normalAnswer(request.method));
    });
    const gateway = await startGateway({ connect: upstream });
    const next = { tenant: 'reports', bucket: OTHER_BUCKET, region: 'ap-guangzhou' };

    const first = await gateway.call('GET');
    expect([200, 404, 502]).toContain(first.status);
    expect(await first.text()).not.toContain('"API"');
    // Time for what comes late to arrive while nobody asks.
    await new Promise((resolve) => setTimeout(resolve, 100));
    for (let i = 0; i < 3; i += 1) {
      const answer = await gateway.call('GET', next);
      expect(await answer.json()).toMatchObject({ status: 'on', modes: ['Auto'] });
    }
    await gateway.close();
    expect(JSON.stringify(gateway.records())).not.toContain('"stray"');
  },
);

test('a connection that carried a stray answer is not used again', async () => {
  const upstream = await startRawUpstream((socket, { connection }) => {
    socket.write(connection === 1 ? ANSWER + STRAY : ANSWER);
  });
  const gateway = await startGateway({ connect: upstream });
  await gateway.call('GET');
  await gateway.call('GET');
  await gateway.call('GET');
  expect(upstream.requests.map(({ connection }) => connection)).toEqual([1, 2, 2]);
});

test('interim answers belong to their own request', async () => {
  const upstream = await startRawUpstream((socket, { method }) => {
    socket.write('HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n');
    socket.write(normalAnswer(method));
  });
  const gateway = await startGateway({ connect: upstream });
  for (const method of ['GET', 'DELETE', 'GET']) {
    expect((await gateway.call(method)).ok).toBe(true);
  }
  expect(upstream.connectionCount()).toBe(1);
});

test.each([301, 302, 303, 307, 308])(
  'a %i is not followed: the place it names sees no connection',
  async (status) => {
    const trap = await startRawUpstream((socket) => void socket.write(ANSWER));
    const upstream = await startRawUpstream((socket) => {
      const location = `Location: http://127.0.0.1:${trap.port}/?image-slim`;
      socket.write(answerText(`${status} Moved`, '', [location]));
    });
    const gateway = await startGateway({ connect: upstream });
    const answers = await Promise.all([
      gateway.call('PUT', { body: { modes: ['API'] } }),
      gateway.call('GET'),
      gateway.call('DELETE'),
    ]);
    for (const answer of answers) {
      expect(answer.headers.has('location')).toBe(false);
      expect(await answer.json()).toMatchObject({ status: 502, code: 'upstream-unexpected' });
    }
    expect(upstream.requests).toHaveLength(3);
    expect(trap.connectionCount()).toBe(0);
  },
);
