import COS from 'cos-nodejs-sdk-v5';
import { expect, test } from 'vitest';
import { readAuthorization } from '../../../src/simulator/authorization-fields.ts';
import type { Pair } from '../../../src/simulator/canonical-form.ts';
import { readRequest } from '../../../src/simulator/read-request.ts';
import { verifySignature } from '../../../src/simulator/verify-signature.ts';
import {
  issuedKey,
  OPERATOR_ARN,
  openLocalSts,
  STS_NOW,
  stsRequest,
} from '../../support/local-sts.ts';

const HOST = 'a-1250000000.pic.ap-shanghai.myqcloud.com';
const LATER = 600;

/** Sign a request with an issued key and a token, as the official SDK does, and verify it. */
async function verified(tokenOf: (token: string) => string | undefined, seconds = 0) {
  const { sts, temporaryKeys, clock } = await openLocalSts();
  const parameters = { RoleArn: OPERATOR_ARN, RoleSessionName: 'gateway', DurationSeconds: LATER };
  const key = issuedKey(sts.answer(stsRequest({ action: 'AssumeRole', parameters })));
  const { secretId, secretKey } = key;
  const token = tokenOf(key.token);
  const headers = { Host: HOST, ...(token === undefined ? {} : { 'x-cos-security-token': token }) };
  const authorization = COS.getAuthorization({
    SecretId: secretId,
    SecretKey: secretKey,
    Method: 'GET',
    Pathname: '/',
    Query: { 'image-slim': '' },
    Headers: headers,
    KeyTime: `${STS_NOW};${STS_NOW + 3600}`,
  });
  const pairs: Pair[] = Object.entries({ ...headers, Authorization: authorization });
  const head = { method: 'GET', url: '/?image-slim', headers: pairs, fault: null };
  const request = readRequest(head);
  const holder = temporaryKeys.find(secretId);
  if (holder === undefined) throw new Error('the key is not found');
  const keys = new Map([[secretId, holder]]);
  const now = new Date((clock.seconds + seconds) * 1000);
  const verification = { keys, now, isStrict: true };
  return () => verifySignature(request, readAuthorization(request), verification) === holder;
}

test('the official SDK signs for the bucket with a key that was issued', async () => {
  expect((await verified((token) => token))()).toBe(true);
  expect((await verified((token) => token, LATER - 1))()).toBe(true);
});

test.each([
  {
    name: 'without its token',
    tokenOf: () => undefined,
    seconds: 0,
    code: 'InvalidAccessKeyId',
  },
  { name: 'with another token', tokenOf: () => 'token', seconds: 0, code: 'InvalidToken' },
  {
    name: 'after its end',
    tokenOf: (token: string) => token,
    seconds: LATER,
    code: 'ExpiredToken',
  },
])('a key $name is refused as $code', async ({ tokenOf, seconds, code }) => {
  const verify = await verified(tokenOf, seconds);
  expect(verify).toThrow(expect.objectContaining({ code }));
});
