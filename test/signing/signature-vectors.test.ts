import { hash } from 'node:crypto';
import { expect, test } from 'vitest';
import { Secret } from '../../src/secret.ts';
import { canonicalRequest, urlEncode } from '../../src/signing/canonical-request.ts';
import { signatureOf, signKeyOf } from '../../src/signing/signature.ts';
import {
  MISTAKEN_SIGNATURES_OF_S1,
  SIGN_KEY_VECTOR,
  SIGNATURE_VECTORS,
  URL_ENCODE_VECTORS,
} from '../vectors/request-signature.ts';

test.for(SIGNATURE_VECTORS)('$name', (vector) => {
  const { method, path, params, headers, keyTime, secretKey, expected } = vector;
  const canonical = canonicalRequest({ method, path, parameters: params, headers });
  const signKey = signKeyOf(new Secret(secretKey), keyTime);

  expect(canonical.headerList).toBe(expected.headerList);
  expect(canonical.urlParamList).toBe(expected.urlParamList);
  const [, , httpParameters, httpHeaders] = canonical.httpString.split('\n');
  if (expected.httpParameters !== undefined) expect(httpParameters).toBe(expected.httpParameters);
  if (expected.httpHeaders !== undefined) expect(httpHeaders).toBe(expected.httpHeaders);
  expect(hash('sha1', canonical.httpString)).toBe(expected.httpStringSha1);
  expect(signKey).toBe(expected.signKey);
  expect(signatureOf(signKey, keyTime, canonical.httpString)).toBe(expected.signature);
});

test('the sign key alone is the documented one', () => {
  const { secretKey, keyTime, signKey } = SIGN_KEY_VECTOR;
  expect(signKeyOf(new Secret(secretKey), keyTime)).toBe(signKey);
});

test.for(URL_ENCODE_VECTORS)('`$text` is encoded as documented', ({ text, encoded }) => {
  expect(urlEncode(text)).toBe(encoded);
});

test.for(MISTAKEN_SIGNATURES_OF_S1)('not made: $name', ({ signature }) => {
  const s1 = SIGNATURE_VECTORS.find(({ name }) => name.startsWith('S1'));
  expect(s1?.expected.signature).toMatch(/^[0-9a-f]{40}$/);
  expect(s1?.expected.signature).not.toBe(signature);
});
