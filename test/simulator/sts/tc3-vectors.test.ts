import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { Secret } from '../../../src/secret.ts';
import type { Pair } from '../../../src/simulator/canonical-form.ts';
import {
  tc3CanonicalRequest,
  tc3Signature,
  tc3SigningKey,
  tc3StringToSign,
} from '../../../src/simulator/sts/tc3-form.ts';
import { openLocalSts, responseOf, STS_CLOUD, stsRequest } from '../../support/local-sts.ts';
import { signTc3 } from '../../support/tc3-signer.ts';
import { T7, TC3_VECTORS } from '../../vectors/tc3-signature.ts';

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

describe.each(TC3_VECTORS)('$name', (vector) => {
  const { secretKey, service, timestamp, date, headers, payload, expected } = vector;
  const pairs = Object.entries(headers).map(([name, value]): Pair => [name.toLowerCase(), value]);

  test('is computed as published', () => {
    const canonicalRequest = tc3CanonicalRequest(pairs, Buffer.from(payload));
    const [signedHeaders, payloadSha256] = canonicalRequest.split('\n').slice(-2);
    expect(signedHeaders).toBe(expected.signedHeaders);
    expect(payloadSha256).toBe(expected.payloadSha256 ?? sha256(payload));
    expect(sha256(canonicalRequest)).toBe(expected.canonicalRequestSha256);
    const signingKey = tc3SigningKey(new Secret(secretKey), { date, service });
    expect(signingKey.toString('hex')).toBe(expected.signingKey ?? signingKey.toString('hex'));
    const text = tc3StringToSign(String(timestamp), { date, service }, canonicalRequest);
    expect(tc3Signature(signingKey, text)).toBe(expected.signature);
  });

  test('is computed by the tests’ own signer, too', () => {
    const own = signTc3(vector);
    expect(own.signature).toBe(expected.signature);
    expect(own.signedHeaders).toBe(expected.signedHeaders);
    for (const step of ['dateKey', 'serviceKey', 'signingKey'] as const) {
      expect(own[step].toString('hex')).toBe(expected[step] ?? own[step].toString('hex'));
    }
  });
});

const T7_CLOUD = STS_CLOUD.replace('AKIDmedia', T7.secretId).replace(
  'secret-key-of-media',
  T7.secretKey,
);

test('T7 is accepted as a whole request, and refused only for what it asks', async () => {
  const { sts } = await openLocalSts({ cloud: T7_CLOUD });
  const { secretId, secretKey, payload, expected } = T7;
  const call = { action: 'GetFederationToken', key: { secretId, secretKey }, payload };
  const request = stsRequest(call);
  expect(request.headers).toContainEqual([
    'Authorization',
    `TC3-HMAC-SHA256 Credential=AKIDEXAMPLE/2023-11-14/sts/tc3_request, SignedHeaders=content-type;host;x-tc-action, Signature=${expected.signature}`,
  ]);
  const answer = sts.answer(request);
  expect(answer.verdict).toMatchObject({ secretId, isSignatureAccepted: true });
  // The policy of the vector has no statements.
  expect(responseOf(answer).Error?.Code).toBe('InvalidParameter.StrategyInvalid');
});

test('the signature of T1 is not one for STS', async () => {
  const { sts } = await openLocalSts();
  const [t1] = TC3_VECTORS;
  if (t1 === undefined) throw new Error('T1 is missing');
  const { authorization } = signTc3({ ...t1, timestamp: T7.timestamp, date: T7.date });
  const answer = sts.answer(stsRequest({ headers: { Authorization: authorization } }));
  expect(responseOf(answer).Error).toEqual({
    Code: 'AuthFailure.InvalidAuthorization',
    Message: 'The credential is not for sts.',
  });
});
