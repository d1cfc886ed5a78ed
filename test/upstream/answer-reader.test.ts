import { expect, test } from 'vitest';
import { AnswerReader, type Progress } from '../../src/upstream/answer-reader.ts';

const KEPT = Number.POSITIVE_INFINITY;

/** What a reader says of an answer; `progress` alone where there is none. */
interface Told {
  readonly progress: Progress;
  readonly status?: number;
  readonly headers?: object;
  readonly body?: string;
  readonly keepMs?: number;
  readonly hasMore?: boolean;
}

/** Have an answer read in pieces that are written over as soon as they are read. */
function read(pieces: readonly Buffer[], isEnded: boolean): Told {
  const reader = new AnswerReader();
  let progress: Progress = 'more';
  let later = 0;
  for (const piece of pieces) {
    if (progress === 'more') {
      const kept = Buffer.from(piece);
      progress = reader.read(kept);
      kept.fill('X');
    } else later += piece.length;
  }
  if (progress === 'more' && isEnded) progress = reader.end();
  if (progress !== 'whole' || reader.head === null) return { progress };
  const { status, headers, keepMs } = reader.head;
  const body = reader.body.toString('latin1');
  return { progress, status, headers, body, keepMs, hasMore: reader.hasMore || later > 0 };
}

/** In one piece, in two with every cut there is, and byte by byte. */
function readInAllSplits(text: string, isEnded = false): Told[] {
  const bytes = Buffer.from(text, 'latin1');
  const cuts = Array.from({ length: Math.max(bytes.length - 1, 0) }, (_, index) => index + 1);
  const splits = [
    [bytes],
    [...bytes].map((byte) => Buffer.from([byte])),
    ...cuts.map((cut) => [bytes.subarray(0, cut), bytes.subarray(cut)]),
  ];
  return splits.map((pieces) => read(pieces, isEnded));
}

const OK = 'HTTP/1.1 200 OK\r\n';
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`;
const empty = { progress: 'whole', status: 200, headers: {}, body: '', keepMs: KEPT } as const;

const WHOLE: Readonly<Record<string, readonly [text: string, told: object, isEnded?: true]>> = {
  'no body': [`${OK}Content-Length: 0\r\n\r\n`, {}],
  'a body with its length': [`${OK}Content-Length: 5\r\n\r\n<R/>\n`, { body: '<R/>\n' }],
  'zeros before a length': [`${OK}Content-Length: 005\r\n\r\n<R/>\n`, { body: '<R/>\n' }],
  'a body that looks like an end': [
    `${OK}Content-Length: 8\r\n\r\n\r\n\r\n0\r\n\r`,
    { body: '\r\n\r\n0\r\n\r' },
  ],
  chunks: [`${CHUNKED}3\r\nabc\r\n0a\r\n0123456789\r\n0\r\n\r\n`, { body: 'abc0123456789' }],
  'chunks with nothing in them': [`${CHUNKED}0\r\n\r\n`, {}],
  'chunks in any case': [
    `${OK}transfer-ENCODING:CHUNKED\r\n\r\nA\r\n0123456789\r\n000\r\n\r\n`,
    { body: '0123456789' },
  ],
  'a body until the end': [`${OK}\r\nall of it`, { body: 'all of it', keepMs: 0 }, true],
  'nothing until the end': [`${OK}\r\n`, { keepMs: 0 }, true],
  'a 204': ['HTTP/1.1 204 No Content\r\n\r\n', { status: 204 }],
  'a 204 with the length of nothing': [
    'HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n',
    { status: 204 },
  ],
  'a 204 that tells of a body': [
    'HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n',
    { status: 204, keepMs: 0 },
  ],
  'a 304 that tells of chunks': [
    'HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n',
    { status: 304, keepMs: 0 },
  ],
  'no reason': ['HTTP/1.1 403\r\nContent-Length: 0\r\n\r\n', { status: 403 }],
  'a reason of many words and bytes above ASCII': [
    'HTTP/1.1 999 n\u00f6,\tno: never \r\nContent-Length: 0\r\n\r\n',
    { status: 999 },
  ],
  'HTTP/1.0': ['HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n', { keepMs: 0 }],
  'HTTP/1.0 that would be kept': [
    'HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n',
    { keepMs: 0 },
  ],
  'interim answers before it': [
    `HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${OK}Content-Length: 1\r\n\r\na`,
    { body: 'a' },
  ],
  'a connection that closes': [
    `${OK}Content-Length: 0\r\nConnection: Close\r\n\r\n`,
    { keepMs: 0 },
  ],
  'a connection that closes among other words': [
    `${OK}Content-Length: 0\r\nConnection: x-a, close\r\n\r\n`,
    { keepMs: 0 },
  ],
  'two lines about the connection': [
    `${OK}Content-Length: 0\r\nConnection: keep-alive\r\nConnection: x-a\r\n\r\n`,
    { keepMs: 0 },
  ],
  'a connection that is kept': [`${OK}Content-Length: 0\r\nConnection: keep-alive\r\n\r\n`, {}],
  'a connection that is kept for a while': [
    `${OK}Content-Length: 0\r\nKeep-Alive: max=9, timeout=5\r\n\r\n`,
    { keepMs: 3000 },
  ],
  'a connection that is kept too shortly': [
    `${OK}Content-Length: 0\r\nKeep-Alive: timeout=1\r\n\r\n`,
    { keepMs: 0 },
  ],
  'headers that are looked at, and others': [
    `${OK}Date:Thu, 01 Jan 1970 00:00:00 GMT\r\nX-Cos-Request-Id: \t a b\u00a0 \t\r\nset-cookie: a\r\nretry-after:\r\nContent-Length: 0\r\n\r\n`,
    {
      headers: {
        date: 'Thu, 01 Jan 1970 00:00:00 GMT',
        'x-cos-request-id': 'a b\u00a0',
        'retry-after': '',
      },
    },
  ],
  'a header that stands twice': [
    `${OK}x-cos-request-id: a\r\nX-COS-REQUEST-ID: a\r\nx-cos-request-id: a\r\nx-ci-request-id: b\r\nContent-Length: 0\r\n\r\n`,
    { headers: { 'x-ci-request-id': 'b' } },
  ],
  'prototype names': [`${OK}__proto__: a\r\nconstructor: b\r\nContent-Length: 0\r\n\r\n`, {}],
  'bytes behind it': [`${OK}Content-Length: 1\r\n\r\nab`, { body: 'a', hasMore: true }],
  'bytes behind its last chunk': [`${CHUNKED}0\r\n\r\nHTTP/1.1`, { hasMore: true }],
  'a second answer behind it': [`${OK}Content-Length: 0\r\n\r\n${OK}\r\n`, { hasMore: true }],
};

test.each(Object.entries(WHOLE))(
  'an answer is the same in whatever pieces it comes: %s',
  (_, [text, told, isEnded]) => {
    const wanted = { ...empty, hasMore: false, ...told };
    for (const one of readInAllSplits(text, isEnded)) expect(one).toEqual(wanted);
  },
);

const headOf = (...lines: readonly string[]) => `${[OK.trim(), ...lines].join('\r\n')}\r\n\r\n`;
const LENGTH = 'Content-Length: 0';

const BROKEN: Readonly<Record<string, string>> = {
  'no HTTP': 'SSH-2.0-OpenSSH_9.9\r\n',
  'one byte of no HTTP': '\0',
  'a line before it': `\r\n${headOf(LENGTH)}`,
  'another protocol': `HTTPS/1.1 200 OK\r\n${LENGTH}\r\n\r\n`,
  'HTTP/2.0': `HTTP/2.0 200 OK\r\n${LENGTH}\r\n\r\n`,
  'HTTP/1.2': `HTTP/1.2 200 OK\r\n${LENGTH}\r\n\r\n`,
  'HTTP in small letters': `http/1.1 200 OK\r\n${LENGTH}\r\n\r\n`,
  'two spaces before the status': `HTTP/1.1  200 OK\r\n${LENGTH}\r\n\r\n`,
  'a status of two digits': `HTTP/1.1 20 OK\r\n${LENGTH}\r\n\r\n`,
  'a status of four digits': `HTTP/1.1 2000 OK\r\n${LENGTH}\r\n\r\n`,
  'a status below 100': `HTTP/1.1 099 Odd\r\n${LENGTH}\r\n\r\n`,
  '100 Continue': 'HTTP/1.1 100 Continue\r\n\r\n',
  '101 Switching Protocols': 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n',
  'an interim answer with a body': `HTTP/1.1 103 Early Hints\r\nContent-Length: 4\r\n\r\nabcd${headOf(LENGTH)}`,
  'a control character in the reason': `HTTP/1.1 200 a\x01\r\n${LENGTH}\r\n\r\n`,
  'a bare CR in the reason': `HTTP/1.1 200 a\rb\r\n${LENGTH}\r\n\r\n`,
  'a bare LF behind the status line': `HTTP/1.1 200 OK\n${LENGTH}\r\n\r\n`,
  'a bare LF between headers': headOf(`x-a: b\n${LENGTH}`),
  'a bare CR between headers': headOf(`x-a: b\r${LENGTH}`),
  'a NUL in a value': headOf('x-a: \0', LENGTH),
  'a DEL in a value': headOf('x-a: \x7f', LENGTH),
  'a folded line': headOf('x-a: b', ' c', LENGTH),
  'a folded length': headOf('Content-Length:', ' 0'),
  'a space before a colon': headOf('Content-Length : 0'),
  'a space before a name': headOf(' x-a: b', LENGTH),
  'no colon': headOf('x-a', LENGTH),
  'no name': headOf(': b', LENGTH),
  'a name that is no token': headOf('x(a): b', LENGTH),
  'a name above ASCII': headOf('x\u00e9: b', LENGTH),
  'two lengths': headOf(LENGTH, 'Content-Length: 5'),
  'the same length twice': headOf(LENGTH, LENGTH),
  'a list of lengths': headOf('Content-Length: 0, 0'),
  'a length with a sign': headOf('Content-Length: +0'),
  'a length in hex': headOf('Content-Length: 0x0'),
  'a length with an exponent': headOf('Content-Length: 1e1'),
  'an empty length': headOf('Content-Length:'),
  'a length in two parts': headOf('Content-Length: 1 0'),
  'a length and chunks': `${headOf(LENGTH, 'Transfer-Encoding: chunked')}0\r\n\r\n`,
  'chunks and a length': `${headOf('Transfer-Encoding: chunked', LENGTH)}0\r\n\r\n`,
  'chunks twice': `${headOf('Transfer-Encoding: chunked', 'Transfer-Encoding: chunked')}0\r\n\r\n`,
  'chunks in chunks': `${headOf('Transfer-Encoding: chunked, chunked')}0\r\n\r\n`,
  'another coding': headOf('Transfer-Encoding: gzip'),
  'another coding in chunks': `${headOf('Transfer-Encoding: gzip, chunked')}0\r\n\r\n`,
  'no coding': headOf('Transfer-Encoding: identity'),
  'a coding with a quirk': `${headOf('Transfer-Encoding: \x0bchunked')}0\r\n\r\n`,
  'chunks in HTTP/1.0': 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'a chunk size that is none': `${CHUNKED}zz\r\n`,
  'an empty chunk size': `${CHUNKED}\r\n`,
  'a chunk size with a sign': `${CHUNKED}-1\r\n`,
  'a chunk size with 0x': `${CHUNKED}0x1\r\na\r\n`,
  'a chunk size with a space': `${CHUNKED}1 \r\na\r\n`,
  'a chunk size of nine digits': `${CHUNKED}000000001\r\na\r\n`,
  'a chunk size that ends in LF': `${CHUNKED}1\na\r\n0\r\n\r\n`,
  'a chunk with an extension': `${CHUNKED}1;a=b\r\na\r\n0\r\n\r\n`,
  'a chunk longer than its size': `${CHUNKED}1\r\nab\r\n0\r\n\r\n`,
  'a chunk that ends in LF': `${CHUNKED}1\r\na\n0\r\n\r\n`,
  'a trailer': `${CHUNKED}0\r\nx-a: b\r\n\r\n`,
  'an end within the status line': 'HTTP/1.1 20',
  'an end before a byte': '',
  'an end within the headers': `${OK}x-a: b\r\n`,
  'an end within the body': `${OK}Content-Length: 9\r\n\r\nabc`,
  'an end within a chunk': `${CHUNKED}5\r\nabc`,
  'an end before the last chunk': `${CHUNKED}1\r\na\r\n`,
  'an end within the last chunk': `${CHUNKED}0\r\n\r`,
  'an end behind an interim answer': 'HTTP/1.1 102 Processing\r\n\r\n',
};

test.each(Object.entries(BROKEN))(
  'a broken answer is one in whatever pieces it comes: %s',
  (_, text) => {
    for (const { progress } of readInAllSplits(text, true)) expect(progress).toBe('broken');
  },
);

test.each(['S', 'HTTP/1.1 100 Continue\r\n\r\n', `${CHUNKED}x`, `${CHUNKED}1\r\nab`])(
  'what can become no answer is not waited for: %j',
  (text) => {
    for (const { progress } of readInAllSplits(text)) expect(progress).toBe('broken');
  },
);

/** Give the same bytes again and again, at most so many in all. */
function feed(start: string, more: string, maxBytes = 2 ** 20): [Progress, given: number] {
  const reader = new AnswerReader();
  let progress = start === '' ? 'more' : reader.read(Buffer.from(start));
  let given = start.length;
  while (progress === 'more' && given < maxBytes) {
    progress = reader.read(Buffer.from(more));
    given += more.length;
  }
  return [progress, given];
}

test('a head has 16 KiB, with the interim answers before it', () => {
  for (const more of ['x-a: b\r\n', 'a', `x: ${'a'.repeat(1000)}\r\n`]) {
    const [progress, given] = feed(OK, more);
    expect([progress, given <= 16 * 1024 + more.length]).toEqual(['broken', true]);
  }
  const [progress, given] = feed('', 'HTTP/1.1 102 Processing\r\n\r\n');
  expect([progress, given <= 17 * 1024]).toEqual(['broken', true]);
  const lines = `x-a: ${'a'.repeat(16 * 1024 - 45)}\r\n`;
  expect(feed(`${OK}Content-Length: 0\r\n${lines}\r\n`, '')).toEqual(['whole', 16 * 1024]);
  expect(feed(`${OK}Content-Length: 0\r\na${lines}\r\n`, '')[0]).toBe('broken');
});

test('a body has 64 KiB, however it is framed', () => {
  const limit = 64 * 1024;
  const chunk = `1000\r\n${'a'.repeat(0x1000)}\r\n`;
  expect(feed(`${OK}Content-Length: ${limit}\r\n\r\n`, 'a'.repeat(limit))[0]).toBe('whole');
  expect(feed(`${CHUNKED}${chunk.repeat(16)}0\r\n\r\n`, '')[0]).toBe('whole');
  expect(feed(`${OK}\r\n`, 'a'.repeat(limit), limit)[0]).toBe('more');
  // A length that is too large is not waited for.
  expect(feed(`${OK}Content-Length: ${limit + 1}\r\n\r\n`, '')[0]).toBe('too-large');
  expect(feed(`${OK}Content-Length: ${'9'.repeat(400)}\r\n\r\n`, '')[0]).toBe('too-large');
  expect(feed(`${CHUNKED}10001\r\n`, '')[0]).toBe('too-large');
  expect(feed(`${CHUNKED}ffffffff\r\n`, '')[0]).toBe('too-large');
  for (const [start, more] of [
    [`${OK}\r\n`, 'a'],
    [CHUNKED, chunk],
    [CHUNKED, '1\r\na\r\n'],
  ] as const) {
    const [progress, given] = feed(start, more);
    expect([progress, given <= 7 * limit]).toEqual(['too-large', true]);
  }
});
