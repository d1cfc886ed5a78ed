import type { RequestListener } from 'node:http';
import net from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import {
  ecKey,
  issuerWithKeySet,
  json,
  keySetAt,
  keySetText,
  publishedKey,
  rsaKey,
  signedBy,
  startKeyServer,
} from '../support/key-server.ts';
import { listenOn } from '../support/listen-on.ts';
import { goodClaims, openVerifier } from './key-reading.ts';
import { ecPair, rsaPair } from './token-forge.ts';

const KEY = ecKey('good');
const GOOD = keySetText(KEY);

const typed =
  (headers: Record<string, string>, body: string | Buffer = GOOD, status = 200): RequestListener =>
  (_, response) => {
    response.writeHead(status, headers).end(body);
  };
const JSON_TYPE = { 'content-type': 'application/json' };

const LIARS: readonly (readonly [string, RequestListener, string])[] = [
  ['a redirect', typed({ location: '/keys' }, '', 302), 'the answer has the status 302'],
  [
    'a redirect with keys in it',
    typed({ ...JSON_TYPE, location: '/' }, GOOD, 307),
    'the answer has the status 307',
  ],
  ['an error with keys in it', typed(JSON_TYPE, GOOD, 500), 'the answer has the status 500'],
  ['no content', typed(JSON_TYPE, '', 204), 'the answer has the status 204'],
  ['a part', typed(JSON_TYPE, GOOD, 206), 'the answer has the status 206'],
  ['HTML', typed({ 'content-type': 'text/html' }), 'the answer’s content type is not JSON'],
  ['no type', typed({}), 'the answer’s content type is not JSON'],
  [
    'a type like JSON',
    typed({ 'content-type': 'application/jsonp' }),
    'the answer’s content type is not JSON',
  ],
  [
    'gzip',
    typed({ ...JSON_TYPE, 'content-encoding': 'gzip' }, gzipSync(GOOD)),
    'the answer is compressed',
  ],
  ['no JSON', json('<html>'), 'it is not strict JSON'],
  ['an empty document', json(''), 'it is not strict JSON'],
  ['a member twice', json(GOOD.replace('{', '{"keys":[],')), 'it is not strict JSON'],
  [
    'a member of a key twice',
    json(GOOD.replace('"kid"', '"kid":"x","kid"')),
    'it is not strict JSON',
  ],
  ['a list', json('[]'), 'it is not a set of at most 64 keys'],
  ['null', json('null'), 'it is not a set of at most 64 keys'],
  ['no keys', json('{}'), 'it is not a set of at most 64 keys'],
  ['keys that are none', json('{"keys":{"0":{}}}'), 'it is not a set of at most 64 keys'],
  ['a key that is a text', json('{"keys":["x"]}'), 'it is not a set of at most 64 keys'],
  [
    '65 keys',
    json(JSON.stringify({ keys: Array(65).fill(publishedKey(KEY)) })),
    'it is not a set of at most 64 keys',
  ],
  ['64 KiB and a byte', json(GOOD.padEnd(65_537)), 'the answer is longer than 65536 bytes'],
  [
    'an endless document',
    (_, response) => {
      response.writeHead(200, JSON_TYPE);
      const more = () => {
        while (!response.destroyed && response.write(' '.repeat(16_384)));
      };
      response.on('drain', more);
      more();
    },
    'the answer is longer than 65536 bytes',
  ],
  ['silence', () => {}, 'no answer in 300 ms'],
  [
    'a body that drips',
    (_, response) => {
      response.writeHead(200, JSON_TYPE);
      const drip = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(drip));
    },
    'no answer in 300 ms',
  ],
  [
    'a body that is cut',
    (_, response) => {
      response.writeHead(200, { ...JSON_TYPE, 'content-length': GOOD.length + 1 });
      response.write(GOOD, () => response.socket?.destroy());
    },
    'the connection failed (ECONNRESET)',
  ],
  [
    'a connection that is reset',
    ({ socket }) => void socket.destroy(),
    'the connection failed (ECONNRESET)',
  ],
];

async function openAt(url: string) {
  const settings = keySetAt(url, { timeoutMs: 300 });
  const opened = await openVerifier([issuerWithKeySet(settings)]);
  return { ...opened, verdict: () => opened.verdict(signedBy(KEY, goodClaims(opened.now()))) };
}

describe('T05, a server of keys that lies, is slow or huge gives no keys, and a clear problem', () => {
  test.for(LIARS)('%s', async ([, answer, problem]) => {
    const server = await startKeyServer();
    server.answer = answer;
    const { status, verdict, turnClock } = await openAt(`${server.origin}/keys`);
    expect(status()).toMatchObject({ state: 'unavailable', kids: [], problem });
    expect(await verdict()).toBe('keys-unavailable');
    expect(new Set(server.asked)).toEqual(new Set(['/keys']));
    server.answer = json(GOOD);
    turnClock(10);
    expect(await verdict()).toBe('photos');
  });

  test('what is not HTTP, or not there at all', async () => {
    const babble = net.createServer((socket) => void socket.end('SSH-2.0-x\r\n'));
    const { port } = await listenOn(babble);
    for (const url of [
      `http://127.0.0.1:${port}/`,
      `https://127.0.0.1:${port}/`,
      'http://127.0.0.1:1/',
    ]) {
      const { status, verdict } = await openAt(url);
      expect(status().problem).toMatch(/^the connection failed \([A-Z_]+\)$/);
      expect(await verdict()).toBe('keys-unavailable');
    }
  });
});

const published = publishedKey(KEY);
const rsa = rsaKey('rsa');
const jwkOf = (key: ReturnType<typeof rsaPair>['publicKey']) => key.export({ format: 'jwk' });

const UNFIT: readonly (readonly [string, object, RegExp])[] = [
  [
    'with its private half',
    { ...published, d: jwkOf(KEY.privateKey).d },
    /\(`good`\): it is a private key/,
  ],
  [
    'that is a secret',
    { kty: 'oct', k: 'c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA', kid: 'good', alg: 'HS256' },
    /`alg` is not accepted/,
  ],
  [
    'that is a secret without `alg`',
    { kty: 'oct', k: 'c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA', kid: 'good' },
    /fit no algorithm/,
  ],
  ['for encryption', { ...published, use: 'enc' }, /`use` is not `sig`/],
  ['that only encrypts', { ...published, key_ops: ['encrypt'] }, /`key_ops`/],
  [
    'for an algorithm that is not accepted',
    { ...publishedKey(rsa), kid: 'good', alg: 'PS256' },
    /`alg` is not accepted/,
  ],
  [
    'that says another algorithm than its curve',
    { ...published, alg: 'RS256' },
    /fit no algorithm/,
  ],
  ['for no algorithm', { ...published, alg: 'none' }, /`alg` is not accepted/],
  ['whose `alg` is a list', { ...published, alg: ['ES256'] }, /`alg` is not accepted/],
  ['of a type that is not known', { ...published, kty: 'AKP' }, /fit no algorithm/],
  [
    'of RSA with 1024 bits',
    { ...jwkOf(rsaPair(1024).publicKey), kid: 'good' },
    /shorter than 2048/,
  ],
  ['of RSA with the exponent 3', { ...publishedKey(rsa), kid: 'good', e: 'Aw' }, /exponent/],
  [
    'of RSA with 16384 bits',
    { ...publishedKey(rsa), kid: 'good', n: Buffer.alloc(2048, 0xff).toString('base64url') },
    /longer than 8192/,
  ],
  [
    'on a curve that is not accepted',
    { ...jwkOf(ecPair('P-384').publicKey), kid: 'good' },
    /fit no algorithm/,
  ],
  ['off its curve', { ...published, y: jwkOf(KEY.publicKey).x }, /not a readable/],
  [
    'of small order',
    {
      kty: 'OKP',
      crv: 'Ed25519',
      x: Buffer.from([1, ...Array(31).fill(0)]).toString('base64url'),
      kid: 'good',
    },
    /small order/,
  ],
  [
    'on X25519',
    { kty: 'OKP', crv: 'X25519', x: Buffer.alloc(32, 9).toString('base64url'), kid: 'good' },
    /fit no algorithm/,
  ],
  ['with a `kid` that is a number', { ...published, kid: 1 }, /with an odd `kid`/],
  ['with a `kid` of two lines', { ...published, kid: 'a\nb' }, /with an odd `kid`/],
  ['that says nothing', {}, /fit no algorithm/],
  [
    'named like a prototype',
    { __proto__: null, constructor: 'x', kid: '__proto__' },
    /`__proto__`/,
  ],
];

describe('T06, a published key that is not fit is ignored, and said to be', () => {
  const other = ecKey('other');
  test.for(UNFIT)('a key %s', async ([, jwk, reason]) => {
    const server = await startKeyServer();
    server.answer = json(JSON.stringify({ keys: [jwk, publishedKey(other)] }));
    const { verdict, status, now, reported } = await openVerifier([
      issuerWithKeySet(keySetAt(server.origin)),
    ]);
    expect(await verdict(signedBy(other, goodClaims(now())))).toBe('photos');
    expect(await verdict(signedBy(KEY, goodClaims(now())))).toBe('token-key-unknown');
    expect(status()).toMatchObject({ kids: ['other'], ignored: [expect.stringMatching(reason)] });
    expect(reported[0]?.ignored).toEqual(status().ignored);
  });

  test('two keys with one kid are both ignored: nobody can tell which is meant', async () => {
    const server = await startKeyServer();
    server.answer = json(keySetText(KEY, ecKey('good'), other));
    const { verdict, status, now } = await openVerifier([
      issuerWithKeySet(keySetAt(server.origin)),
    ]);
    expect(await verdict(signedBy(KEY, goodClaims(now())))).toBe('token-key-unknown');
    expect(status()).toMatchObject({
      kids: ['other'],
      ignored: [/twice/, /twice/].map((text) => expect.stringMatching(text)),
    });
  });

  test('a key without `alg` is bound by its type where one algorithm fits, and else ignored', async () => {
    const server = await startKeyServer();
    const { alg, ...bare } = publishedKey(rsa) as { alg: string };
    server.answer = json(JSON.stringify({ keys: [bare] }));
    const kids = async (algorithms: ('RS256' | 'PS256' | 'ES256')[]) => {
      const keySet = keySetAt(server.origin, { algorithms });
      return (await openVerifier([issuerWithKeySet(keySet)])).status();
    };
    expect(alg).toBe('RS256');
    expect(await kids(['RS256', 'ES256'])).toMatchObject({ kids: ['rsa'], ignored: [] });
    expect(await kids(['RS256', 'PS256'])).toMatchObject({
      kids: [],
      ignored: ['key 0 (`rsa`): it has no `alg`, and several would fit'],
    });
  });
});
