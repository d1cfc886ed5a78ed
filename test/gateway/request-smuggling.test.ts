import { expect, test } from 'vitest';
import { BUCKET, REGION, type RunningGateway, startGateway } from '../support/gateway.ts';
import { chunked, converse, requestText } from '../support/raw-client.ts';
import { normalAnswer, type RawUpstream, startRawUpstream } from '../support/raw-upstream.ts';

const PATH = `/v1/regions/${REGION}/buckets/${BUCKET}/image-slim`;
const BODY = '{"modes":["API"]}';
const LENGTH = `Content-Length: ${BODY.length}`;
const CHUNKED = 'Transfer-Encoding: chunked';
/** Would switch the other bucket off, if it were ever read as a request. */
const HIDDEN = `DELETE ${PATH.replace(BUCKET, 'hidden-1250000000')} HTTP/1.1\r\nHost: a\r\n`;

interface Front {
  readonly gateway: RunningGateway;
  readonly upstream: RawUpstream;
  /** Request line, Host and Authorization, then these. */
  readonly head: (method: string, ...extra: string[]) => string[];
  /** The hidden request, with a token that would do. */
  readonly hidden: string;
}

async function start(): Promise<Front> {
  const upstream = await startRawUpstream(
    (socket, { method }) => void setTimeout(() => socket.write(normalAnswer(method)), 20),
  );
  const gateway = await startGateway({ connect: upstream });
  const bearer = `Authorization: Bearer ${gateway.token('photos')}`;
  return {
    gateway,
    upstream,
    head: (method, ...extra) => [`${method} ${PATH} HTTP/1.1`, 'Host: a', bearer, ...extra],
    hidden: `${HIDDEN}${bearer}\r\n\r\n`,
  };
}

const json = 'Content-Type: application/json';

/** Requests whose end two readers could see in two places. */
const AMBIGUOUS: Readonly<Record<string, (front: Front) => string>> = {
  'both framings': ({ head, hidden }) =>
    requestText(head('PUT', json, LENGTH, CHUNKED), `0\r\n\r\n${hidden}`),
  'both framings, the other way round': ({ head, hidden }) =>
    requestText(head('PUT', json, CHUNKED, LENGTH), chunked(BODY) + hidden),
  'two lengths': ({ head, hidden }) =>
    requestText(head('PUT', json, LENGTH, 'Content-Length: 0'), BODY + hidden),
  'the same length twice': ({ head, hidden }) =>
    requestText(head('PUT', json, LENGTH, LENGTH), BODY + hidden),
  'a list of lengths': ({ head, hidden }) =>
    requestText(head('PUT', json, `${LENGTH}, ${BODY.length}`), BODY + hidden),
  'a length with a sign': ({ head, hidden }) =>
    requestText(head('PUT', json, `Content-Length: +${BODY.length}`), BODY + hidden),
  'a negative length': ({ head, hidden }) =>
    requestText(head('PUT', json, 'Content-Length: -1'), BODY + hidden),
  'a length in hex': ({ head, hidden }) =>
    requestText(head('PUT', json, 'Content-Length: 0x11'), BODY + hidden),
  'a length with a comma': ({ head, hidden }) =>
    requestText(head('PUT', json, 'Content-Length: 1,7'), BODY + hidden),
  'a length beyond any number': ({ head, hidden }) =>
    requestText(head('PUT', json, `Content-Length: ${'9'.repeat(30)}`), BODY + hidden),
  'an empty length': ({ head, hidden }) =>
    requestText(head('PUT', json, 'Content-Length:'), BODY + hidden),
  'a space before the colon': ({ head, hidden }) =>
    requestText(head('PUT', json, 'Transfer-Encoding : chunked'), chunked(BODY) + hidden),
  'a name that begins with a space': ({ head, hidden }) =>
    requestText(head('PUT', json, LENGTH, ` ${CHUNKED}`), BODY + hidden),
  'a coding nobody knows': ({ head, hidden }) =>
    requestText(head('PUT', json, 'Transfer-Encoding: xchunked'), chunked(BODY) + hidden),
  'chunked, but not last': ({ head, hidden }) =>
    requestText(head('PUT', json, 'Transfer-Encoding: chunked, identity'), chunked(BODY) + hidden),
  'chunked twice': ({ head, hidden }) =>
    requestText(head('PUT', json, CHUNKED, CHUNKED), chunked(BODY) + hidden),
  'a quoted coding': ({ head, hidden }) =>
    requestText(head('PUT', json, 'Transfer-Encoding: "chunked"'), chunked(BODY) + hidden),
  'a vertical tab before the coding': ({ head, hidden }) =>
    requestText(head('PUT', json, 'Transfer-Encoding: \vchunked'), chunked(BODY) + hidden),
  'a bare line feed behind a header': ({ head, hidden }) =>
    requestText(head('PUT', json, `x-a: b\n${CHUNKED}`), chunked(BODY) + hidden),
  'a bare carriage return in a header': ({ head, hidden }) =>
    requestText(head('PUT', json, `x-a: b\r${CHUNKED}`), chunked(BODY) + hidden),
  'a chunk size that is none': ({ head, hidden }) =>
    requestText(head('PUT', json, CHUNKED), `g\r\n${BODY}\r\n0\r\n\r\n${hidden}`),
  'a chunk size with a sign': ({ head, hidden }) =>
    requestText(head('PUT', json, CHUNKED), `+11\r\n${BODY}\r\n0\r\n\r\n${hidden}`),
  'a chunk size in 0x': ({ head, hidden }) =>
    requestText(head('PUT', json, CHUNKED), `0x11\r\n${BODY}\r\n0\r\n\r\n${hidden}`),
  'a chunk size beyond any number': ({ head, hidden }) =>
    requestText(head('PUT', json, CHUNKED), `fffffffffffffffff\r\n${BODY}\r\n0\r\n\r\n${hidden}`),
  'a chunk longer than its size': ({ head, hidden }) =>
    requestText(head('PUT', json, CHUNKED), `2\r\n${BODY}\r\n0\r\n\r\n${hidden}`),
  'chunks with bare line feeds': ({ head, hidden }) =>
    requestText(head('PUT', json, CHUNKED), `11\n${BODY}\n0\n\n${hidden}`),
};

test.each(Object.entries(AMBIGUOUS))(
  'a request whose end is ambiguous is refused and its connection closed: %s',
  async (_, textOf) => {
    const front = await start();
    const client = await converse(front.gateway.served.gateway.port);
    client.send(textOf(front));
    const answers = await client.answersUntilClosed();
    expect(answers.map(({ status }) => status)).toEqual([400]);
    expect(front.upstream.requests).toHaveLength(0);
  },
);

/** Bodies that nobody reads, because the request is refused by its head. */
const UNREAD: Readonly<Record<string, (front: Front) => string>> = {
  'a DELETE with a length': ({ head, hidden }) =>
    requestText(head('DELETE', `Content-Length: ${hidden.length}`), hidden),
  'a DELETE in chunks': ({ head, hidden }) => requestText(head('DELETE', CHUNKED), chunked(hidden)),
  'a GET with a length': ({ head, hidden }) =>
    requestText(head('GET', `Content-Length: ${hidden.length}`), hidden),
  'a GET in chunks': ({ head, hidden }) => requestText(head('GET', CHUNKED), chunked(hidden)),
  'a PUT of another type': ({ head, hidden }) =>
    requestText(head('PUT', `Content-Length: ${hidden.length}`), hidden),
  'a PUT that is too large': ({ head, hidden }) =>
    requestText(head('PUT', json, `Content-Length: ${hidden.length * 50}`), hidden.repeat(50)),
  'a PUT in chunks that are too large': ({ head, hidden }) =>
    requestText(head('PUT', json, CHUNKED), chunked(hidden.repeat(50))),
  'a PUT without a token': ({ head, hidden }) =>
    requestText(
      head('PUT', json, `Content-Length: ${hidden.length}`).filter((line) => !/^Auth/.test(line)),
      hidden,
    ),
  'a POST': ({ head, hidden }) =>
    requestText(head('POST', `Content-Length: ${hidden.length}`), hidden),
  'an unknown path': ({ head, hidden }) =>
    requestText(
      head('PUT', json, `Content-Length: ${hidden.length}`).map((line) =>
        line.replace(PATH, '/elsewhere'),
      ),
      hidden,
    ),
};

test.each(Object.entries(UNREAD))(
  'a body that nobody read does not become the next request: %s',
  async (_, textOf) => {
    const front = await start();
    for (const pause of [0, 50]) {
      const client = await converse(front.gateway.served.gateway.port);
      const [first = '', ...rest] = textOf(front).split(/(?<=\r\n\r\n)/);
      client.send(pause === 0 ? textOf(front) : first);
      if (pause > 0) setTimeout(() => client.send(rest.join('')), pause);
      const [answer] = await client.answers(1);
      expect(answer?.json).toMatchObject({ requestId: expect.any(String) });
      expect(answer?.status).toBeGreaterThanOrEqual(400);
      // The connection ends, or it goes on with what is really the next request.
      client.send(requestText(front.head('GET')));
      const statuses = await client.answers(2).then(
        (answers) => answers.slice(1).map(({ status }) => status),
        () => [],
      );
      expect([[], [200]]).toContainEqual(statuses);
    }
    expect(front.upstream.requests.every(({ method }) => method === 'GET')).toBe(true);
  },
);

test('after an answer that closes the connection nothing more is read of it', async () => {
  const front = await start();
  const client = await converse(front.gateway.served.gateway.port);
  client.send(requestText(front.head('PUT', `Content-Length: ${BODY.length}`)));
  const [answer] = await client.answers(1);
  expect(answer).toMatchObject({ status: 415, headers: { connection: 'close' } });
  client.send(BODY + front.hidden + requestText(front.head('DELETE')));
  expect(await client.answersUntilClosed()).toHaveLength(1);
  await front.gateway.close();
  expect(front.gateway.records().filter(({ kind }) => kind === 'closing')).toHaveLength(1);
  expect(front.upstream.requests).toHaveLength(0);
});

test('garbage in the rest of a refused body is not answered once more', async () => {
  const front = await start();
  const client = await converse(front.gateway.served.gateway.port);
  client.send(requestText(front.head('PUT', CHUNKED)));
  const [answer] = await client.answers(1);
  expect(answer).toMatchObject({ status: 415, headers: { connection: 'close' } });
  client.send('no chunk\r\n\r\n');
  expect(await client.answersUntilClosed()).toHaveLength(1);
});

test('pipelined requests are answered in their order, each with its own answer', async () => {
  const front = await start();
  const client = await converse(front.gateway.served.gateway.port);
  client.send(
    requestText(front.head('PUT', json, LENGTH), BODY) +
      requestText(front.head('GET')) +
      requestText(front.head('POST')) +
      requestText(front.head('DELETE', 'Connection: close')),
  );
  const statuses = (await client.answersUntilClosed()).map(({ status }) => status);
  expect(statuses).toEqual([200, 200, 405, 204]);
  expect(front.upstream.requests.map(({ method }) => method).toSorted()).toEqual([
    'DELETE',
    'GET',
    'PUT',
  ]);
});

test.each(['PUT', 'GET'])(
  'garbage behind a %s that is on its way is not answered in its place',
  async (method) => {
    const front = await start();
    const client = await converse(front.gateway.served.gateway.port);
    const extra = method === 'PUT' ? [json, LENGTH] : [];
    client.send(requestText(front.head(method, ...extra), method === 'PUT' ? BODY : ''));
    client.send('GARBAGE\r\n\r\n');
    const [answer, ...others] = await client.answersUntilClosed();
    expect(answer?.status).toBe(200);
    expect(answer?.json).toMatchObject({ status: 'on' });
    expect(others.map(({ status }) => status).filter((status) => status !== 400)).toEqual([]);
  },
);

test('chunks in HTTP/1.0 are the last thing that is read of their connection', async () => {
  const front = await start();
  const client = await converse(front.gateway.served.gateway.port);
  const lines = front.head('PUT', json, CHUNKED, 'Connection: keep-alive');
  const oldVersion = lines.map((line) => line.replace('HTTP/1.1', 'HTTP/1.0'));
  client.send(requestText(oldVersion, chunked(BODY) + front.hidden));
  expect((await client.answersUntilClosed()).map(({ status }) => status)).toEqual([400]);
  expect(front.upstream.requests).toHaveLength(0);
});

test('a request that breaks off in its body changes nothing', async () => {
  const front = await start();
  const client = await converse(front.gateway.served.gateway.port);
  client.send(requestText(front.head('PUT', json, LENGTH), BODY.slice(0, 5)));
  client.socket.end();
  await client.answersUntilClosed();
  await front.gateway.close();
  expect(front.upstream.connectionCount()).toBe(0);
  expect(front.gateway.records().find(({ kind }) => kind === 'closing')).toMatchObject({
    outcome: 'refused',
  });
});
