import { expect, test } from 'vitest';
import { type RequestParts, WireRequest } from '../../src/upstream/wire-request.ts';

const PARTS: RequestParts = {
  method: 'PUT',
  host: 'a.test',
  target: '/?image-slim',
  headers: { 'content-length': '3', host: 'a.test', 'x-a': '\u00e9\t b' },
  body: Buffer.from([0, 13, 255]),
};

const bytesOf = (parts: Partial<RequestParts>) => new WireRequest({ ...PARTS, ...parts }).bytes;

test('the bytes of a request are its head and its body, and are made once', () => {
  const wire = new WireRequest(PARTS);
  expect(wire.bytes.toString('latin1')).toBe(
    'PUT /?image-slim HTTP/1.1\r\nhost: a.test\r\nconnection: keep-alive\r\ncontent-length: 3\r\nx-a: \u00e9\t b\r\n\r\n\0\r\u00ff',
  );
  expect(wire.bytes).toBe(wire.bytes);
  expect(bytesOf({ method: 'GET', headers: { host: 'a.test' }, body: null }).toString()).toBe(
    'GET /?image-slim HTTP/1.1\r\nhost: a.test\r\nconnection: keep-alive\r\n\r\n',
  );
});

const { headers } = PARTS;

const UNSENDABLE: Readonly<Record<string, Partial<RequestParts>>> = {
  'a line break in a value': { headers: { ...headers, 'x-b': 'a\r\nx-c: d' } },
  'a bare LF in a value': { headers: { ...headers, 'x-b': 'a\nx-c: d' } },
  'a NUL in a value': { headers: { ...headers, 'x-b': '\0' } },
  'a character beyond latin1': { headers: { ...headers, 'x-b': '\u0100' } },
  'a character whose low byte is a line break': { headers: { ...headers, 'x-b': 'a\u010d\u010a' } },
  'a space in a name': { headers: { ...headers, 'x b': 'a' } },
  'a colon in a name': { headers: { ...headers, 'x:b': 'a' } },
  'no name': { headers: { ...headers, '': 'a' } },
  'a space in the target': { target: '/ HTTP/1.1' },
  'a line break in the target': { target: '/\r\nx-a: b' },
  'a target that is no path': { target: 'http://b.test/' },
  'a method that is none': { method: 'PUT /' },
  'a body without its length': { headers: { host: 'a.test' } },
  'a length without a body': { body: null },
  'a body longer than its length': { body: Buffer.alloc(4) },
  'a body shorter than its length': { body: Buffer.alloc(2) },
  'a length in another form': { headers: { ...headers, 'content-length': '0x3' } },
  'a coding': { headers: { ...headers, 'transfer-encoding': 'chunked' } },
  'a coding in place of a length': {
    headers: { host: 'a.test', 'transfer-encoding': 'chunked' },
    body: null,
  },
};

test.each(Object.entries(UNSENDABLE))('what is no one request has no bytes: %s', (_, parts) => {
  expect(() => bytesOf(parts)).toThrow(TypeError);
});

test('the reason that there are no bytes tells no header', () => {
  const secret = { headers: { ...headers, authorization: 'canary\n' } };
  expect(() => bytesOf(secret)).toThrow(/^(?!.*canary)/);
});
