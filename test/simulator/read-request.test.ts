import { expect, test } from 'vitest';
import { type ReceivedRequest, readRequest } from '../../src/simulator/read-request.ts';

function received(url: string): ReceivedRequest {
  const headers = [['Host', 'Example:8080']] as const;
  return { method: 'GET', url, headers, body: Buffer.alloc(0), fault: null };
}

test.each([
  { url: '/', path: '/', params: [] },
  { url: '/?image-slim', path: '/', params: [['image-slim', '']] },
  {
    url: '/a%2Fb+c?x=1=2&&y%3d=%20',
    path: '/a/b+c',
    params: [
      ['x', '1=2'],
      ['y=', ' '],
    ],
  },
  { url: 'http://example?x', path: '/', params: [['x', '']] },
  { url: 'HTTP://EXAMPLE:80/a?x', path: '/a', params: [['x', '']] },
])('the target $url is read', ({ url, path, params }) => {
  expect(readRequest(received(url))).toMatchObject({ host: 'example', path, params });
});

test.each([
  '',
  '?x',
  '*',
  'example:443',
  '/a#b',
  'ftp://example/',
  'https://example/',
  '/%',
  'http://',
])('the target "%s" is refused', (url) => {
  expect(() => readRequest(received(url))).toThrow(expect.objectContaining({ code: 'InvalidURI' }));
});

test('a host with something before it is another host', () => {
  expect(() => readRequest(received('http://user@example/'))).toThrow(
    expect.objectContaining({ code: 'InvalidURI' }),
  );
});
