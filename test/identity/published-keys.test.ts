import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { GatewayError } from '../../src/errors.ts';
import {
  ecKey,
  type IssuerKeyPair,
  issuerWithKeySet,
  json,
  keySetAt,
  keySetText,
  rsaKey,
  signedBy,
  startKeyServer,
} from '../support/key-server.ts';
import { goodClaims, openVerifier } from './key-reading.ts';

const FIRST = ecKey('first');
const SECOND = rsaKey('second');

async function startWith(...keys: readonly IssuerKeyPair[]) {
  const server = await startKeyServer();
  server.answer = json(keySetText(...keys));
  const opened = await openVerifier([issuerWithKeySet(keySetAt(server.origin))]);
  const token = (key: IssuerKeyPair, changes = {}) =>
    signedBy(key, goodClaims(opened.now(), changes));
  return { ...opened, server, token };
}

test('published keys are read when the verifier is opened, and then verify at once', async () => {
  const { verifier, token, now, server, status } = await startWith(FIRST, SECOND);
  for (const key of [FIRST, SECOND]) {
    expect(verifier.verify(token(key), now())).toMatchObject({ name: 'photos' });
  }
  expect(server.asked).toEqual(['/']);
  expect(status()).toEqual({
    issuer: 'https://issuer.test',
    state: 'fresh',
    generation: 1,
    kids: ['first', 'second'],
    readAt: now(),
    problem: null,
    ignored: [],
  });
});

describe('T05, keys that rotate', () => {
  test('a new kid is taken as soon as a token names it', async () => {
    const { server, token, verdict } = await startWith(FIRST);
    server.answer = json(keySetText(FIRST, SECOND));
    expect(await verdict(token(SECOND))).toBe('photos');
    expect(server.asked).toHaveLength(2);
  });

  test('an unknown kid has the keys read at most once per cool-down, however often it comes', async () => {
    const { server, token, verdict, turnClock } = await startWith(FIRST);
    const unknown = (kid: string) => token({ ...FIRST, kid });
    const flood = () =>
      Promise.all(Array.from({ length: 50 }, (_, index) => verdict(unknown(`unknown-${index}`))));
    expect(new Set(await flood())).toEqual(new Set(['token-key-unknown']));
    expect(server.asked).toHaveLength(2);
    turnClock(9.9);
    await flood();
    expect(server.asked).toHaveLength(2);
    turnClock(0.1);
    await flood();
    expect(server.asked).toHaveLength(3);
  });

  test('while an unknown kid has the keys read, tokens of known keys are verified at once', async () => {
    const { server, verifier, token, now } = await startWith(FIRST);
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    server.answer = (request, response) => {
      void held.then(() => json(keySetText(FIRST, SECOND))(request, response));
    };
    const waiting = verifier.verify(token(SECOND), now());
    expect(waiting).toBeInstanceOf(Promise);
    expect(verifier.verify(token(FIRST), now())).toMatchObject({ name: 'photos' });
    release();
    expect(await waiting).toMatchObject({ name: 'photos' });
  });

  test('a removed kid is refused from the next reading on, verified before or not', async () => {
    const { server, token, verdict, turnClock, status } = await startWith(FIRST, SECOND);
    const used = token(SECOND);
    expect(await verdict(used)).toBe('photos');
    server.answer = json(keySetText(FIRST));
    await verdict(token({ ...FIRST, kid: 'unknown' })); // It has the keys read.
    expect(status()).toMatchObject({ generation: 2, kids: ['first'] });
    expect(await verdict(used)).toBe('token-key-unknown');
    turnClock(20);
    expect(await verdict(token(SECOND))).toBe('token-key-unknown');
    expect(await verdict(token(FIRST))).toBe('photos');
  });

  test('the keys are read again in the background, without any token', async () => {
    const server = await startKeyServer();
    server.answer = json(keySetText(FIRST, SECOND));
    const keySet = keySetAt(server.origin, { refreshSeconds: 0.05 });
    const { verdict, now, status } = await openVerifier([issuerWithKeySet(keySet)]);
    const used = signedBy(SECOND, goodClaims(now()));
    expect(await verdict(used)).toBe('photos');
    server.answer = json(keySetText(FIRST));
    await expect.poll(() => status().kids).toEqual(['first']);
    expect(await verdict(used)).toBe('token-key-unknown');
  });

  test('a kid whose key is replaced proves nothing for the old key any more', async () => {
    const { server, token, verdict, turnClock } = await startWith(FIRST);
    const used = token(FIRST);
    expect(await verdict(used)).toBe('photos');
    const replaced = ecKey('first');
    server.answer = json(keySetText(replaced));
    await verdict(token({ ...FIRST, kid: 'unknown' }));
    turnClock(1);
    expect(await verdict(used)).toBe('token-signature');
    expect(await verdict(token(replaced))).toBe('photos');
  });

  test('an issuer that publishes no key any more is believed', async () => {
    const { server, token, verdict } = await startWith(FIRST);
    server.answer = json('{"keys":[]}');
    await verdict(token(SECOND));
    expect(await verdict(token(FIRST))).toBe('token-key-unknown');
  });
});

describe('T05, keys that cannot be read', () => {
  test('the last ones are used for the stated time, then every token gets 503, and none 401', async () => {
    const { server, token, verdict, turnClock, status, reported } = await startWith(FIRST);
    const used = token(FIRST);
    expect(await verdict(used)).toBe('photos');
    server.answer = (_, response) => void response.writeHead(500).end();
    turnClock(11);
    expect(await verdict(token(SECOND))).toBe('keys-unavailable'); // It may be a new key's.
    expect(status()).toMatchObject({ state: 'stale', problem: 'the answer has the status 500' });
    expect(await verdict(used)).toBe('photos');
    turnClock(49);
    expect(await verdict(used)).toBe('photos');
    turnClock(0.001);
    expect(await verdict(used)).toBe('keys-unavailable');
    expect(await verdict(token(FIRST))).toBe('keys-unavailable');
    expect(status()).toMatchObject({ state: 'unavailable', kids: [] });
    server.answer = json(keySetText(FIRST));
    turnClock(10);
    expect(await verdict(used)).toBe('photos');
    expect(reported.map(({ state }) => state)).toEqual(['fresh', 'stale', 'unavailable', 'fresh']);
  });

  test('keys that were never read give 503 with the time to wait, and the work is not repeated', async () => {
    const server = await startKeyServer();
    const { verifier, now } = await openVerifier([issuerWithKeySet(keySetAt(server.origin))]);
    const refusals = Array.from({ length: 20 }, () =>
      Promise.resolve()
        .then(() => verifier.verify(signedBy(FIRST, goodClaims(now())), now()))
        .catch((error: unknown) => error),
    );
    for (const error of await Promise.all(refusals)) {
      expect(error).toBeInstanceOf(GatewayError);
      expect(error).toMatchObject({
        code: 'keys-unavailable',
        status: 503,
        headers: { 'Retry-After': '10' },
      });
    }
    expect(server.asked).toHaveLength(2);
  });

  test('a verifier that is closed reads nothing any more', async () => {
    const { server, token, verifier, verdict, turnClock } = await startWith(FIRST);
    verifier.close();
    turnClock(30);
    expect(await verdict(token(SECOND))).toBe('token-key-unknown');
    expect(server.asked).toHaveLength(1);
  });

  test('a clock that is not a time trusts no published key', async () => {
    const { verifier, token } = await startWith(FIRST);
    const verify = () => verifier.verify(token(FIRST), new Date(Number.NaN));
    expect(verify).toThrowError(expect.objectContaining({ code: 'keys-unavailable' }));
  });
});

describe('a key set in a file', () => {
  async function startWithFile(text: string) {
    const directory = await mkdtemp(join(tmpdir(), 'slimgate-keys-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    const file = join(directory, 'keys.json');
    writeFileSync(file, text);
    const settings = keySetAt('', { place: { from: 'file', file }, refreshSeconds: 0.05 });
    const opened = await openVerifier([issuerWithKeySet(settings)]);
    const token = (key: IssuerKeyPair) => signedBy(key, goodClaims(opened.now()));
    return { ...opened, file, token };
  }

  test('is read again when it has changed', async () => {
    const { file, token, verdict, status } = await startWithFile(keySetText(FIRST));
    expect(await verdict(token(FIRST))).toBe('photos');
    writeFileSync(file, keySetText(SECOND));
    await expect.poll(() => status().kids).toEqual(['second']);
    expect(await verdict(token(FIRST))).toBe('token-key-unknown');
    expect(await verdict(token(SECOND))).toBe('photos');
  });

  test('that is half written, or gone, leaves the keys that were read before', async () => {
    const { file, token, verdict, status } = await startWithFile(keySetText(FIRST));
    writeFileSync(file, keySetText(SECOND).slice(0, -9));
    await expect.poll(() => status().problem).toBe('it is not strict JSON');
    expect(await verdict(token(FIRST))).toBe('photos');
    await rm(file);
    await expect.poll(() => status().problem).toBe('the file cannot be read (ENOENT)');
    expect(await verdict(token(FIRST))).toBe('photos');
    writeFileSync(file, keySetText(SECOND));
    await expect.poll(() => status().state).toBe('fresh');
    expect(await verdict(token(SECOND))).toBe('photos');
  });
});
