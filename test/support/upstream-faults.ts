import { gzipSync } from 'node:zlib';
import type { ErrorCode } from '../../src/errors.ts';
import { answerText, type Reply, SLIM_STATE } from './raw-upstream.ts';

/** One way in which an upstream can fail, and what has to come of it for every method. */
export interface UpstreamFault {
  readonly name: string;
  readonly reply: Reply;
  readonly code: ErrorCode;
  /** Of a mutation. */
  readonly outcome: 'unknown' | 'not_applied';
}

type Expected = readonly [code: ErrorCode, outcome: UpstreamFault['outcome']];

const FAILED: Expected = ['upstream-failed', 'unknown'];
const UNEXPECTED: Expected = ['upstream-unexpected', 'unknown'];
const TIMEOUT: Expected = ['upstream-timeout', 'unknown'];
const REFUSED: Expected = ['upstream-unexpected', 'not_applied'];

const fault = (name: string, [code, outcome]: Expected, reply: Reply): UpstreamFault => ({
  name,
  reply,
  code,
  outcome,
});

/** Writes a text (latin1) and leaves the connection open. */
const writes =
  (text: string): Reply =>
  (socket) =>
    void socket.write(text, 'latin1');

const writesAndCloses =
  (text: string): Reply =>
  (socket) =>
    void socket.end(text, 'latin1');

const writesAndResets =
  (text: string): Reply =>
  (socket) =>
    void socket.write(text, 'latin1', () => socket.resetAndDestroy());

/** Writes a text again and again until the connection is closed. */
const repeats =
  (start: string, more: string, everyMs: number): Reply =>
  (socket) => {
    socket.write(start);
    const timer = setInterval(() => socket.write(more), everyMs);
    socket.on('close', () => clearInterval(timer));
  };

const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\n';
const chunkedHead = `${HEAD}Transfer-Encoding: chunked\r\n\r\n`;

/** The connection ends, or the framing is wrong: found out at once. */
export const BROKEN_ANSWERS: readonly UpstreamFault[] = [
  fault('a reset before a byte', FAILED, (socket) => void socket.resetAndDestroy()),
  fault('a close before a byte', FAILED, (socket) => void socket.end()),
  fault('a reset within the status line', FAILED, writesAndResets('HTTP/1.1 20')),
  fault('a close within the headers', FAILED, writesAndCloses(`${HEAD}Content-Le`)),
  fault('a reset after the headers', FAILED, writesAndResets(`${HEAD}Content-Length: 9\r\n\r\n`)),
  fault('a close within the body', FAILED, writesAndCloses(`${HEAD}Content-Length: 9\r\n\r\n<I`)),
  fault('a close within a chunk', FAILED, writesAndCloses(`${chunkedHead}5\r\n<Im`)),
  fault('a close before the last chunk', FAILED, writesAndCloses(`${chunkedHead}1\r\n<\r\n`)),
  fault('a chunk size that is none', FAILED, writes(`${chunkedHead}zz\r\n<\r\n`)),
  fault('a chunk longer than its size', FAILED, writes(`${chunkedHead}1\r\n<<<<\r\n0\r\n\r\n`)),
  fault('two lengths', FAILED, writes(`${HEAD}Content-Length: 0\r\nContent-Length: 5\r\n\r\n`)),
  fault('a list of lengths', FAILED, writes(`${HEAD}Content-Length: 0, 5\r\n\r\n`)),
  fault('a negative length', FAILED, writes(`${HEAD}Content-Length: -1\r\n\r\n`)),
  fault('a length in hex', FAILED, writes(`${HEAD}Content-Length: 0x0\r\n\r\n`)),
  fault(
    'a length and chunks',
    FAILED,
    writes(`${HEAD}Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`),
  ),
  fault('a space before a colon', FAILED, writes(`${HEAD}Content-Length : 0\r\n\r\n`)),
  fault('a NUL in a header', FAILED, writes(`${HEAD}x-a: \0\r\nContent-Length: 0\r\n\r\n`)),
  fault('an SSH banner', FAILED, writes('SSH-2.0-OpenSSH_9.9\r\n')),
  fault('a TLS alert', FAILED, writes('\x15\x03\x03\x00\x02\x02\x28')),
  fault('HTML without HTTP', FAILED, writes('<html>it works</html>\r\n\r\n')),
  fault('a NUL byte', FAILED, writes('\0')),
  fault('HTTP/3.0', FAILED, writes('HTTP/3.0 200 OK\r\nContent-Length: 0\r\n\r\n')),
  fault('a status of two digits', FAILED, writes('HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n')),
  fault('headers of 32 KiB', FAILED, writes(`${HEAD}x-a: ${'a'.repeat(32_768)}\r\n\r\n`)),
  fault(
    'an upgrade',
    FAILED,
    writes('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n'),
  ),
  fault('an upgrade without a name', FAILED, writes('HTTP/1.1 101 Switching\r\n\r\n')),
  fault('100 Continue, which nobody asked for', FAILED, writes('HTTP/1.1 100 Continue\r\n\r\n')),
  fault('a close after 100 Continue', FAILED, writesAndCloses('HTTP/1.1 100 Continue\r\n\r\n')),
  fault(
    'a body of 64 KiB and a byte',
    UNEXPECTED,
    writes(answerText('200 OK', ' '.repeat(65_537))),
  ),
  fault('a long body behind a refusal', UNEXPECTED, writes(answerText('403', ' '.repeat(65_537)))),
  fault('an endless body', UNEXPECTED, repeats(`${HEAD}\r\n`, 'a'.repeat(16_384), 1)),
  fault('endless chunks', UNEXPECTED, repeats(chunkedHead, `4000\r\n${'a'.repeat(16_384)}\r\n`, 1)),
];

/** Nothing more comes: found out at the deadline. */
export const SILENT_ANSWERS: readonly UpstreamFault[] = [
  fault('nothing at all', TIMEOUT, () => {}),
  fault('half a status line', TIMEOUT, writes('HTTP/1.1 20')),
  fault('headers without an end', TIMEOUT, writes(HEAD)),
  fault('a body shorter than its length', TIMEOUT, writes(`${HEAD}Content-Length: 9\r\n\r\n<I`)),
  fault('chunks without a last one', TIMEOUT, writes(`${chunkedHead}1\r\n<\r\n`)),
  fault('a body without length or end', TIMEOUT, writes(`${HEAD}\r\n${SLIM_STATE}`)),
  fault('dripped headers', TIMEOUT, repeats(HEAD, 'x-a: b\r\n', 40)),
  fault('dripped bytes', TIMEOUT, repeats(`${HEAD}Content-Length: 900\r\n\r\n`, ' ', 40)),
  fault(
    '102 Processing again and again',
    TIMEOUT,
    repeats('', 'HTTP/1.1 102 Processing\r\n\r\n', 40),
  ),
];

/** Whole answers that are no success. */
export const ODD_ANSWERS: readonly UpstreamFault[] = [
  ...['201 Created', '202 Accepted', '206 Partial Content', '200 OK', '299 Odd'].flatMap(
    (status) => [
      fault(
        `${status} with an error document`,
        UNEXPECTED,
        writes(answerText(status, '<Error><Code>AccessDenied</Code></Error>')),
      ),
    ],
  ),
  fault(
    '200 with a page',
    UNEXPECTED,
    writes(answerText('200 OK', '<html><body>Sign in</body></html>', ['Content-Type: text/html'])),
  ),
  fault(
    '200 with JSON',
    UNEXPECTED,
    writes(answerText('200 OK', '{"ImageSlim":{}}', ['Content-Type: application/json'])),
  ),
  fault('200 with a compressed document', UNEXPECTED, (socket) => {
    const body = gzipSync(SLIM_STATE);
    const head = `${HEAD}Content-Encoding: gzip\r\nContent-Length: ${body.length}\r\n\r\n`;
    socket.write(Buffer.concat([Buffer.from(head), body]));
  }),
  ...['301', '302', '303', '304', '307', '308', '300', '305'].map((status) =>
    fault(`${status} without a document`, REFUSED, writes(answerText(`${status} Away`))),
  ),
  fault('403 with a page', REFUSED, writes(answerText('403 Forbidden', '<html>no</html>'))),
  fault('404 with nothing', REFUSED, writes(answerText('404 Not Found'))),
  fault('418 with text', REFUSED, writes(answerText('418 Teapot', 'short and stout'))),
  fault('500 with nothing', FAILED, writes(answerText('500 Internal Server Error'))),
  fault('502 with a page', FAILED, writes(answerText('502 Bad Gateway', '<html>nginx</html>'))),
  fault('504 with nothing', FAILED, writes(answerText('504 Gateway Timeout'))),
  fault('599 with nothing', FAILED, writes(answerText('599 Odd'))),
  fault('999 with nothing', FAILED, writes(answerText('999 Odd'))),
  fault('a status below 100', FAILED, writes(answerText('099 Odd'))),
  fault('a status of 000', FAILED, writes(answerText('000 Odd'))),
  fault('429 with nothing', ['upstream-throttled', 'not_applied'], writes(answerText('429 Slow'))),
];

const nested = `${'<a>'.repeat(5000)}${'</a>'.repeat(5000)}`;
const entities = Array.from({ length: 9 }, (_, i) => {
  const next = `&e${i + 1};`.repeat(10);
  return `<!ENTITY e${i} "${i === 8 ? 'lol' : next}">`;
}).join('');

/** Documents made to harm their reader; none of them is a state or a known refusal. */
const HOSTILE_DOCUMENTS: Readonly<Record<string, string>> = {
  'a document type': '<!DOCTYPE ImageSlim><ImageSlim/>',
  'an external entity': `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><Error><Code>&x;</Code></Error>`,
  'a billion laughs': `<!DOCTYPE a [${entities}]><ImageSlim><Status>&e0;</Status></ImageSlim>`,
  'deep nesting': nested,
  'deep nesting within an error': `<Error><Code>${nested}</Code></Error>`,
  'a thousand attributes': `<ImageSlim ${Array.from({ length: 1000 }, (_, i) => `a${i}="b"`).join(' ')}><Status>maybe</Status></ImageSlim>`,
  'the same attribute twice': '<ImageSlim a="1" a="2"><Status>on</Status></ImageSlim>',
  'ten thousand children': `<ImageSlim><Status>?</Status>${'<Suffix>jpg</Suffix>'.repeat(3000)}</ImageSlim>`,
  'prototype names': '<__proto__><Status>on</Status></__proto__>',
  'a constructor': '<constructor><prototype>on</prototype></constructor>',
  'an unclosed comment': '<ImageSlim><!-- <Status>on</Status></ImageSlim>',
  'an unclosed CDATA': '<ImageSlim><![CDATA[<Status>on</Status></ImageSlim>',
  'two roots': '<ImageSlim><Status>on</Status></ImageSlim><ImageSlim/>',
  'text behind the root': '<ImageSlim><Status>on</Status></ImageSlim>on',
  'the sample’s typing mistake': '<ImageSlim><SlimMode>API</SimMode></ImageSlim>',
  'bytes that are not UTF-8':
    '<ImageSlim><Status>on</Status><SlimMode>\xff\xfe</SlimMode></ImageSlim>',
  'UTF-16': Buffer.from('\ufeff<ImageSlim><Status>on</Status></ImageSlim>', 'utf16le').toString(
    'latin1',
  ),
  'NUL bytes': '\0\0\0\0',
  'half a document': '<ImageSlim><Status>on</Sta',
};

const hostile = (status: string, expected: Expected) =>
  Object.entries(HOSTILE_DOCUMENTS).map(([name, xml]) =>
    fault(`${status} with ${name}`, expected, (socket) => {
      const body = Buffer.from(xml, 'latin1');
      const lines = [`HTTP/1.1 ${status}`, 'Content-Type: application/xml'];
      const head = [...lines, `Content-Length: ${body.length}`].join('\r\n');
      socket.write(Buffer.concat([Buffer.from(`${head}\r\n\r\n`), body]));
    }),
  );

export const HOSTILE_REFUSALS: readonly UpstreamFault[] = hostile('403 Forbidden', REFUSED);
export const HOSTILE_STATES: readonly UpstreamFault[] = hostile('200 OK', UNEXPECTED);
