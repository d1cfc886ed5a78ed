import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { Secret } from '../../src/secret.ts';
import { keyTimeAt } from '../../src/signing/key-time.ts';
import { createSigner } from '../../src/signing/sign-request.ts';
import { slimDocument } from '../../src/slim/json-to-xml.ts';
import { canonicalConfiguration } from '../../src/slim/slim-configuration.ts';
import { createUpstreamRequest } from '../../src/upstream/upstream-request.ts';

const HOST = 'examplebucket-1250000000.pic.ap-shanghai.myqcloud.com';
const SECRET_KEY = 'canary-key-9d1c';
const TOKEN = 'canary-token-77aa';
const credentials = {
  secretId: 'AKIDexample',
  secretKey: new Secret(SECRET_KEY),
  securityToken: null,
};
const temporary = { ...credentials, securityToken: new Secret(TOKEN) };
const sign = createSigner({ keyTimeSeconds: 300 });
const now = new Date('2026-03-01T12:00:30Z');
const put = createUpstreamRequest('PUT', HOST, slimDocument(canonicalConfiguration(['API'], [])));

const revealed = (value: string | Secret | undefined) =>
  value instanceof Secret ? value.reveal() : value;

test('every header and every parameter that is sent is covered', () => {
  const { headers } = sign(put, temporary, now);
  const sent = Object.keys(headers).filter((name) => name !== 'authorization');
  const authorization = revealed(headers.authorization);
  expect(authorization).toContain(`&q-header-list=${sent.sort().join(';')}&`);
  expect(authorization).toContain('&q-url-param-list=image-slim&');
  expect(sent).toEqual([
    'content-length',
    'content-md5',
    'content-type',
    'host',
    'x-cos-security-token',
  ]);
});

test('the security token takes part in the signature', () => {
  const other = { ...temporary, securityToken: new Secret('another') };
  expect(revealed(sign(put, temporary, now).headers.authorization)).not.toBe(
    revealed(sign(put, other, now).headers.authorization),
  );
});

test('all requests of a minute share one key time, which began a minute before', () => {
  const minute = Date.UTC(2026, 2, 1, 12, 0, 0);
  const first = keyTimeAt(new Date(minute), 300);
  expect(first).toEqual({ start: minute / 1000 - 60, end: minute / 1000 + 240 });
  expect(keyTimeAt(new Date(minute + 59_999), 300)).toEqual(first);
  expect(keyTimeAt(new Date(minute + 60_000), 300).start).toBe(first.start + 60);
});

test('a remembered sign key is never used for another key time or other credentials', () => {
  const later = new Date(now.getTime() + 60_000);
  const other = { ...credentials, secretKey: new Secret('other-key') };
  const answers = [
    sign(put, credentials, now),
    sign(put, credentials, later),
    sign(put, other, now),
    sign(put, credentials, now),
  ].map(({ headers }) => revealed(headers.authorization));
  expect(new Set(answers).size).toBe(3);
  expect(answers[3]).toBe(answers[0]);
  // A signer that remembers nothing agrees.
  const fresh = createSigner({ keyTimeSeconds: 300 })(put, credentials, later);
  expect(answers[1]).toBe(revealed(fresh.headers.authorization));
});

test('a signed request shows no key, token or signature, however it is printed', () => {
  const signed = sign(put, temporary, now);
  const signature = /q-signature=([0-9a-f]{40})$/.exec(
    revealed(signed.headers.authorization) ?? '',
  );
  const shown = [
    JSON.stringify(signed),
    inspect(signed, { depth: 9, showHidden: true }),
    String(signed.headers.authorization),
    `${signed.headers['x-cos-security-token']}`,
    signed.maskedAuthorization,
  ].join('\n');
  expect(signature).not.toBeNull();
  for (const secret of [SECRET_KEY, TOKEN, signature?.[1] ?? ''])
    expect(shown).not.toContain(secret);
});
