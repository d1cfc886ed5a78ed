import { describe, expect, test } from 'vitest';
import { Secret } from '../../src/secret.ts';
import { readAuthorization } from '../../src/simulator/authorization-fields.ts';
import {
  bytesOf,
  httpString,
  type Pair,
  signatureOf,
  signKeyOf,
  stringToSign,
  urlDecode,
  urlEncode,
} from '../../src/simulator/canonical-form.ts';
import { keyHolders, parseLocalCloud } from '../../src/simulator/local-cloud.ts';
import { type ReceivedRequest, readRequest } from '../../src/simulator/read-request.ts';
import { verifySignature } from '../../src/simulator/verify-signature.ts';
import {
  IMAGE_SLIM_VECTORS,
  MISTAKEN_SIGNATURES_OF_S1,
  S3_AUTHORIZATION,
  SIGN_KEY_VECTOR,
  SIGNATURE_VECTORS,
  type SignatureVector,
  URL_ENCODE_VECTORS,
} from '../vectors/request-signature.ts';

function bytePairs(record: Readonly<Record<string, string>> = {}): Pair[] {
  return Object.entries(record).map(([name, value]) => [bytesOf(name), bytesOf(value)]);
}

function authorizationOf({ secretId, keyTime, expected }: SignatureVector): string {
  const time = `${keyTime.start};${keyTime.end}`;
  return `q-sign-algorithm=sha1&q-ak=${secretId}&q-sign-time=${time}&q-key-time=${time}&q-header-list=${expected.headerList}&q-url-param-list=${expected.urlParamList}&q-signature=${expected.signature}`;
}

/** The vector as it would come over the wire; the query form has the seven fields in the query. */
function received(vector: SignatureVector, form: 'header' | 'query'): ReceivedRequest {
  const { method, path, params, headers, uncovered = {}, body = '' } = vector;
  const authorization = authorizationOf(vector);
  const fields = authorization.split('&').map((field): Pair => {
    const at = field.indexOf('=');
    return [field.slice(0, at), field.slice(at + 1)];
  });
  const query = [
    ...bytePairs({ ...params, ...uncovered.params }),
    ...(form === 'query' ? fields : []),
  ].map(([name, value]) => `${urlEncode(name)}=${urlEncode(value)}`);
  return {
    method,
    url: `${urlEncode(bytesOf(path)).replaceAll('%2F', '/')}?${query.join('&')}`,
    headers: [
      ...bytePairs({ ...headers, ...uncovered.headers }),
      ...(form === 'header' ? [['Authorization', authorization] as const] : []),
    ],
    body: Buffer.from(body),
    fault: null,
  };
}

function verify(vector: SignatureVector, request = readRequest(received(vector, 'header'))) {
  const { secretId, secretKey, keyTime, headers } = vector;
  const token = headers['x-cos-security-token'];
  const cloud = parseLocalCloud(
    JSON.stringify({
      accounts: [
        {
          appId: 1250000000,
          uin: 100000000001,
          subAccounts: [{ name: 'v', uin: 100000000011, keys: [{ secretId, secretKey, token }] }],
        },
      ],
    }),
  );
  const now = new Date(keyTime.start * 1000);
  const verification = { keys: keyHolders(cloud), now, isStrict: false };
  return verifySignature(request, readAuthorization(request), verification);
}

describe.each(SIGNATURE_VECTORS)('$name', (vector) => {
  const { expected, keyTime, secretKey } = vector;
  const time = `${keyTime.start};${keyTime.end}`;

  test('is computed as published', () => {
    const text = httpString({
      method: vector.method,
      path: bytesOf(vector.path),
      params: bytePairs(vector.params),
      headers: bytePairs(vector.headers),
    });
    const [method, , httpParameters, httpHeaders, rest] = text.split('\n');
    expect(method).toBe(vector.method.toLowerCase());
    expect(httpParameters).toBe(expected.httpParameters ?? httpParameters);
    expect(httpHeaders).toBe(expected.httpHeaders ?? httpHeaders);
    expect(rest).toBe('');
    const toSign = stringToSign(time, text);
    expect(toSign).toBe(`sha1\n${time}\n${expected.httpStringSha1}\n`);
    const signKey = signKeyOf(new Secret(secretKey), time);
    expect(signKey).toBe(expected.signKey);
    expect(signatureOf(signKey, toSign)).toBe(expected.signature);
  });

  test.each(['header', 'query'] as const)('is accepted in its %s form', (form) => {
    const holder = verify(vector, readRequest(received(vector, form)));
    expect(holder.key.secretId).toBe(vector.secretId);
  });
});

test('the sign key of the older documentation sample is derived', () => {
  const { start, end } = SIGN_KEY_VECTOR.keyTime;
  const signKey = signKeyOf(new Secret(SIGN_KEY_VECTOR.secretKey), `${start};${end}`);
  expect(signKey).toBe(SIGN_KEY_VECTOR.signKey);
});

test.each(MISTAKEN_SIGNATURES_OF_S1)('$name is not accepted', ({ signature }) => {
  const [describeVector] = IMAGE_SLIM_VECTORS;
  if (describeVector === undefined) throw new Error('S1 is missing');
  const vector = { ...describeVector, expected: { ...describeVector.expected, signature } };
  expect(() => verify(vector)).toThrow(
    expect.objectContaining({
      code: 'SignatureDoesNotMatch',
      extras: {
        StringToSign: `sha1\n1700000000;1700000600\n${describeVector.expected.httpStringSha1}\n`,
        FormatString: `get\n/\nimage-slim=\nhost=${describeVector.headers.Host}\n`,
      },
    }),
  );
});

test('the whole Authorization of S3 is the one of its vector', () => {
  const vector = IMAGE_SLIM_VECTORS.find(({ name }) => name.startsWith('S3:'));
  expect(vector && authorizationOf(vector)).toBe(S3_AUTHORIZATION);
});

test.each(URL_ENCODE_VECTORS)('UrlEncode makes $encoded and back', ({ text, encoded }) => {
  expect(urlEncode(bytesOf(text))).toBe(encoded);
  expect(urlDecode(encoded)).toBe(bytesOf(text));
});

test.each(['%', '%4', '%zz', '%%41', 'a%2'])('UrlDecode refuses %s', (text) => {
  expect(urlDecode(text)).toBeNull();
});
