import { hash } from 'node:crypto';
import { expect, test } from 'vitest';
import { canonicalCall, tc3Authorization } from '../../src/accounts/tc3-signature.ts';
import { Secret } from '../../src/secret.ts';
import { signTc3 } from '../support/tc3-signer.ts';
import { TC3_VECTORS, type Tc3Vector } from '../vectors/tc3-signature.ts';

function callOf({ service, timestamp, headers, payload }: Tc3Vector) {
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  return { service, timestamp, payload, headers: Object.fromEntries(lower) };
}

test.for(TC3_VECTORS)('$name', (vector) => {
  const { secretId, secretKey, date, service, expected } = vector;
  const { text, signedHeaders } = canonicalCall(callOf(vector));
  expect(hash('sha256', text)).toBe(expected.canonicalRequestSha256);
  expect(signedHeaders).toBe(expected.signedHeaders);
  expect(tc3Authorization(callOf(vector), { secretId, secretKey: new Secret(secretKey) })).toBe(
    `TC3-HMAC-SHA256 Credential=${secretId}/${date}/${service}/tc3_request, ` +
      `SignedHeaders=${expected.signedHeaders}, Signature=${expected.signature}`,
  );
});

test('the order and the blanks of headers make no difference, and a second signer agrees', () => {
  const headers = { 'x-tc-action': ' AssumeRole', host: 'sts.localhost ', 'content-type': 'a/b' };
  const call = { service: 'sts', timestamp: 1700000000, headers, payload: '{"a":"腾讯云"}' };
  const keys = { secretId: 'AKID', secretKey: 'key' };
  expect(tc3Authorization(call, { ...keys, secretKey: new Secret(keys.secretKey) })).toBe(
    signTc3({ ...call, ...keys }).authorization,
  );
});

test('the date is that of the timestamp in UTC', () => {
  const lastSecond = 1700006399;
  const call = { service: 'sts', timestamp: lastSecond, headers: {}, payload: '' };
  const keys = { secretId: 'AKID', secretKey: new Secret('key') };
  expect(tc3Authorization(call, keys)).toContain('AKID/2023-11-14/');
  expect(tc3Authorization({ ...call, timestamp: lastSecond + 1 }, keys)).toContain('/2023-11-15/');
});
