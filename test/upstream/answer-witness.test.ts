import http from 'node:http';
import net from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Deadline } from '../../src/upstream/deadline.ts';
import { createTransport } from '../../src/upstream/keep-alive-transport.ts';
import { WireRequest } from '../../src/upstream/wire-request.ts';
import { listenOn } from '../support/listen-on.ts';
import { PATIENCE, runs } from '../support/runs.ts';

/** Answers of which the changed ones are made. */
const ANSWERS = [
  'HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: 12\r\n\r\n<ImageSlim/>',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nDate: now\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n',
  'HTTP/1.1 403 Forbidden\r\nx-cos-request-id: a\r\nConnection: close\r\n\r\n<Error/>',
  'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
  'HTTP/1.0 200 OK\r\nContent-Length: 3\r\nKeep-Alive: timeout=5\r\n\r\nabc',
  'HTTP/1.1 200\r\nContent-Length: 0\r\nretry-after:\t1 \r\n\r\n',
  'HTTP/1.1 204 No Content\r\n\r\n',
];

/** What stands where readers of HTTP have differed. */
const TOKENS = [
  ...['\r', '\n', '\r\n', '\r\n\r\n', '\0', ' ', '\t', '\x0b', '\x7f', ':', ',', ';a=b', '+', '0x'],
  ...['0', '1', 'a', '10', '00000000', 'ffffffffffffffff1', 'chunked', 'identity', 'close'],
  ...['0\r\n\r\n', '1\r\nx\r\n', '\r\nx: y', '\r\n folded', 'HTTP/1.1 200 OK\r\n\r\n'],
  ...['\r\nContent-Length: 2', '\r\nContent-Length: 11', '\r\nContent-Length: 0', '\u00e9'],
  ...['\r\nTransfer-Encoding: chunked', '\r\nTransfer-Encoding: gzip', '\r\nUpgrade: h2c'],
  ...[
    'HTTP/1.1 102 Processing\r\n\r\n',
    'HTTP/1.1 100 Continue\r\n\r\n',
    '\r\nConnection: upgrade',
  ],
];

const share = fc.double({ min: 0, max: 1, noNaN: true });

/** A text with one place of it changed: something put in, in place of none, one or some characters. */
const change = fc.record({
  at: share,
  length: fc.constantFrom(0, 0, 1, 2, 8),
  text: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...TOKENS) },
    { weight: 1, arbitrary: fc.constant('') },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 255 }).map((b) => String.fromCharCode(b)) },
  ),
});

const changedAnswer = fc
  .record({
    text: fc.constantFrom(...ANSWERS),
    changes: fc.array(change, { maxLength: 3 }),
    isAtLineEnds: fc.boolean(),
  })
  .map(({ text, changes, isAtLineEnds }) =>
    changes.reduce((before, { at, length, text: put }) => {
      const ends = [...before.matchAll(/\r\n/g)].map(({ index }) => index);
      const place = isAtLineEnds
        ? (ends[Math.floor(at * ends.length)] ?? 0)
        : Math.floor(at * (before.length + 1));
      return before.slice(0, place) + put + before.slice(place + length);
    }, text),
  );

/** A server that answers whatever is asked with the text of the moment, and ends the connection. */
async function startTeller() {
  const told = { text: '' };
  const server = net.createServer((socket) =>
    socket.once('data', () => socket.end(told.text, 'latin1')),
  );
  return Object.assign(await listenOn(server), { told });
}

type Seen = readonly [status: number, body: string] | null;

function seenByNode({ host, port }: { host: string; port: number }): Promise<Seen> {
  return new Promise((resolve) => {
    let hasAnswer = false;
    const request = http.get({ host, port, agent: false }, (response) => {
      hasAnswer = true;
      const pieces: string[] = [];
      response.setEncoding('latin1').on('data', (piece) => pieces.push(piece));
      response.on('error', () => {});
      // Bytes behind a whole answer are an error, but not of the answer.
      response.on('close', () =>
        resolve(response.complete ? [response.statusCode ?? 0, pieces.join('')] : null),
      );
    });
    request.on('upgrade', (_, socket) => socket.destroy());
    request.on('error', () => {});
    request.on('close', () => {
      if (!hasAnswer) resolve(null);
    });
  });
}

test(
  'whatever is taken for an answer, Node’s client takes for the same one',
  async () => {
    const teller = await startTeller();
    const connect = { protocol: 'http:', ...teller } as const;
    const transport = createTransport({ connect, maxSockets: 4, idleSocketMs: 1000 });
    const wire = { method: 'GET', host: 'a', target: '/', headers: { host: 'a' }, body: null };
    const counts = { taken: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(changedAnswer, async (text) => {
        teller.told.text = text;
        const result = await transport.exchange(new WireRequest(wire), new Deadline(10_000));
        if (result.kind === 'fault') {
          counts.refused += 1;
          return;
        }
        counts.taken += 1;
        const { status, body } = result;
        const theirs = await seenByNode(teller);
        // Where no body can be, Node waits for the one that is told; we keep no such connection.
        if (status === 204 || status === 304) expect(body).toHaveLength(0);
        else expect([status, body.toString('latin1')]).toEqual(theirs);
      }),
      runs(600),
    );
    transport.close();
    expect(Math.min(counts.taken, counts.refused)).toBeGreaterThan(100);
  },
  PATIENCE,
);
