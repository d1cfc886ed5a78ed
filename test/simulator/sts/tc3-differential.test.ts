import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { StsRequest } from '../../../src/simulator/sts/sts-request.ts';
import {
  issuedKey,
  OPERATOR_ARN,
  openLocalSts,
  responseOf,
  STS_CLOUD,
  STS_NOW,
  stsRequest,
} from '../../support/local-sts.ts';
import { runs } from '../../support/runs.ts';

/** What a change that is not noticed as such is refused for; anything else would be a forgery. */
const REFUSALS = /^(?:AuthFailure\.|InvalidParameter$|MissingParameter$|UnsupportedProtocol$)/;

const callArbitrary = fc.record({
  timestamp: fc.integer({ min: STS_NOW - 300, max: STS_NOW + 300 }),
  host: fc.constantFrom(
    'sts.tencentcloudapi.com',
    'sts.ap-guangzhou.tencentcloudapi.com',
    'sts.localhost:9000',
  ),
  contentType: fc.constantFrom(
    'application/json',
    'application/json; charset=utf-8',
    'application/json; charset=UTF-8',
  ),
  isActionSigned: fc.boolean(),
  payload: fc
    .dictionary(fc.string(), fc.oneof(fc.string({ unit: 'binary' }), fc.integer()))
    .map((given) => JSON.stringify(given)),
});

const keyArbitrary = fc.record({
  secretId: fc.stringMatching(/^[A-Za-z0-9_-]{1,40}$/),
  secretKey: fc.string({ unit: 'binary', minLength: 1, maxLength: 64 }),
});

test('whatever an independent signer signs is accepted', async () => {
  const { cloud, sts, temporaryKeys } = await openLocalSts();
  const [account] = cloud.accounts;
  const [subAccount] = account?.subAccounts ?? [];
  if (account === undefined || subAccount === undefined) throw new Error('the cloud is empty');
  const session = {
    kind: 'federation',
    name: 'n',
    requesterUin: subAccount.uin,
    policy: null,
  } as const;
  fc.assert(
    fc.property(callArbitrary, (call) => {
      const issued = temporaryKeys.issue({ account, subAccount, session, seconds: 900 });
      const { secretId } = issued;
      const key = { secretId, secretKey: issued.secretKey.reveal(), token: issued.token.reveal() };
      const { verdict } = sts.answer(stsRequest({ ...call, key }));
      expect(verdict).toMatchObject({ secretId, isSignatureAccepted: true });
      const wrong = { ...key, secretKey: `${key.secretKey}x` };
      expect(sts.answer(stsRequest({ ...call, key: wrong })).verdict).toMatchObject({
        isSignatureAccepted: false,
        error: 'AuthFailure.SignatureFailure',
      });
    }),
    runs(40),
  );
});

test('a key of any text signs', async () => {
  const { path } = await openLocalSts();
  for (const [at, { secretId, secretKey }] of fc
    .sample(keyArbitrary, { numRuns: 15, seed: 7 })
    .entries()) {
    const cloud = STS_CLOUD.replace('AKIDmedia', `"${secretId}"`).replace(
      'secret-key-of-media',
      () => JSON.stringify(secretKey),
    );
    const { sts } = await openLocalSts({ cloud, path: `${path}.${at}` });
    const { verdict } = sts.answer(stsRequest({ key: { secretId, secretKey } }));
    expect(verdict, secretId).toMatchObject({ isSignatureAccepted: true, error: null });
  }
});

function* flips(bytes: Buffer): Generator<Buffer> {
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const changed = Buffer.from(bytes);
    changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    yield changed;
  }
}

function* changes(request: StsRequest): Generator<StsRequest> {
  for (const body of flips(request.body)) yield { ...request, body };
  for (const [at, [name, value]] of request.headers.entries()) {
    if (['X-TC-Version', 'X-TC-Region'].includes(name)) continue; // Never signed.
    for (const changed of flips(Buffer.from(value, 'latin1'))) {
      const text = changed.toString('latin1');
      // The canonical form has the action in lower case: its letter case is no part of the proof.
      if (name === 'X-TC-Action' && text.toLowerCase() === value.toLowerCase()) continue;
      yield { ...request, headers: request.headers.with(at, [name, text]) };
    }
  }
}

test('a request of which one bit was changed is refused, whichever bit', async () => {
  const { sts, temporaryKeys } = await openLocalSts();
  const parameters = { RoleArn: OPERATOR_ARN, RoleSessionName: 'gateway' };
  const key = issuedKey(sts.answer(stsRequest({ action: 'AssumeRole', parameters })));
  const request = stsRequest({ action: 'GetCallerIdentity', key, payload: '{ }' });
  expect(responseOf(sts.answer(request)).Error).toBeUndefined();
  let count = 0;
  for (const changed of changes(request)) {
    const { verdict } = sts.answer(changed);
    if (verdict.isSignatureAccepted || !REFUSALS.test(verdict.error ?? '')) {
      expect.fail(`accepted, or refused as ${verdict.error}: ${JSON.stringify(changed.headers)}`);
    }
    count += 1;
  }
  expect(count).toBeGreaterThan(3000);
  expect(temporaryKeys.find(key.secretId)).toBeDefined();
});

test.each(['Content-Type', 'Host', 'Authorization', 'X-TC-Action', 'X-TC-Timestamp', 'X-TC-Token'])(
  'a request without %s, or with two of it, is refused',
  async (name) => {
    const { sts } = await openLocalSts();
    const parameters = { RoleArn: OPERATOR_ARN, RoleSessionName: 'gateway' };
    const key = issuedKey(sts.answer(stsRequest({ action: 'AssumeRole', parameters })));
    const { headers, ...request } = stsRequest({ key });
    const twice = headers.flatMap((pair) => (pair[0] === name ? [pair, pair] : [pair]));
    for (const changed of [headers.filter(([given]) => given !== name), twice]) {
      const { verdict } = sts.answer({ ...request, headers: changed });
      expect(verdict.isSignatureAccepted).toBe(false);
      expect(verdict.error).toMatch(REFUSALS);
    }
  },
);
