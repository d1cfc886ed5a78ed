import COS from 'cos-nodejs-sdk-v5';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Secret } from '../../src/secret.ts';
import { canonicalRequest } from '../../src/signing/canonical-request.ts';
import { keyTimeText } from '../../src/signing/key-time.ts';
import { signatureOf, signKeyOf } from '../../src/signing/signature.ts';
import { PATIENCE, runs } from '../support/runs.ts';

// The SDK sorts its pairs by raw names and its lists by encoded ones; where names need no encoding
// both orders are the documented one. It takes headers of these names alone.
const parameterName = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_.~-]{0,9}$/);
const headerName = fc.oneof(
  fc.constantFrom('Content-Length', 'Content-MD5', 'Cache-Control', 'Range', 'Pic-Operations'),
  fc.stringMatching(/^[a-z0-9-]{1,8}$/).map((name) => `x-cos-meta-${name}`),
);
const value = fc.string({ unit: 'grapheme', maxLength: 24 });
const byName = (name: fc.Arbitrary<string>) =>
  fc
    .uniqueArray(fc.tuple(name, value), {
      maxLength: 6,
      selector: ([own]) => own.toLowerCase(),
    })
    .map((entries) => Object.fromEntries(entries));

const signedRequest = fc.record({
  method: fc.constantFrom('GET', 'PUT', 'POST', 'DELETE', 'HEAD'),
  path: fc.string({ unit: 'grapheme', maxLength: 16 }).map((rest) => `/${rest}`),
  parameters: byName(parameterName),
  headers: byName(headerName),
  secretId: fc.stringMatching(/^AKID[A-Za-z0-9]{8,32}$/),
  secretKey: fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 40 }),
  start: fc.integer({ min: 0, max: 4_000_000_000 }),
  length: fc.integer({ min: 1, max: 3600 }),
});

test(
  'random requests get the signature that the official SDK computes',
  () => {
    fc.assert(
      fc.property(signedRequest, (request) => {
        const { method, path, parameters, headers, secretId, secretKey, start, length } = request;
        const keyTime = { start, end: start + length };
        const official = COS.getAuthorization({
          SecretId: secretId,
          SecretKey: secretKey,
          Method: method as 'GET',
          Pathname: path,
          Query: parameters,
          Headers: headers,
          KeyTime: keyTimeText(keyTime),
        } as COS.StaticGetAuthorizationOptions);

        const canonical = canonicalRequest({ method, path, parameters, headers });
        const signKey = signKeyOf(new Secret(secretKey), keyTime);
        expect(official).toBe(
          `q-sign-algorithm=sha1&q-ak=${secretId}&q-sign-time=${keyTimeText(keyTime)}` +
            `&q-key-time=${keyTimeText(keyTime)}&q-header-list=${canonical.headerList}` +
            `&q-url-param-list=${canonical.urlParamList}` +
            `&q-signature=${signatureOf(signKey, keyTime, canonical.httpString)}`,
        );
      }),
      runs(1_000),
    );
  },
  PATIENCE,
);
