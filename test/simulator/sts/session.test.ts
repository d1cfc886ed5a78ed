import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type AccessPolicy, policySchema } from '../../../src/simulator/access-policy.ts';
import { type AccessRequest, isAllowed } from '../../../src/simulator/authorize.ts';
import { isHolderAllowed } from '../../../src/simulator/sts/session.ts';
import {
  issuedKey,
  OPERATOR_ARN,
  openLocalSts,
  sessionPolicy,
  stsRequest,
} from '../../support/local-sts.ts';

const ON_A = {
  region: 'ap-shanghai',
  bucket: 'a-1250000000',
  appId: '1250000000',
  ownerUin: '100000000001',
};
const DESCRIBE_A = { ...ON_A, action: 'ci:DescribeImageSlim' } as AccessRequest;
const SET_A = { ...ON_A, action: 'ci:SetImageSlim' } as AccessRequest;
const DESCRIBE_B = { ...DESCRIBE_A, bucket: 'b-1250000000' };
const B = 'qcs::ci::uid/1250000000:bucket/b-1250000000/*';

async function allowedTo(call: object) {
  const { sts, temporaryKeys } = await openLocalSts();
  const holder = temporaryKeys.find(issuedKey(sts.answer(stsRequest(call))).secretId);
  if (holder === undefined) throw new Error('the key is not found');
  return [DESCRIBE_A, SET_A, DESCRIBE_B].map((request) => isHolderAllowed(holder, request));
}

function assume(Policy?: string) {
  const parameters = { RoleArn: OPERATOR_ARN, RoleSessionName: 'gateway', Policy };
  return { action: 'AssumeRole', parameters };
}

function federate(Policy: string) {
  return { action: 'GetFederationToken', parameters: { Name: 'gateway', Policy } };
}

test.each([
  { name: 'a role may what its policies allow', call: assume(), may: [true, true, false] },
  {
    name: 'a session policy narrows a role',
    call: assume(sessionPolicy('ci:DescribeImageSlim')),
    may: [true, false, false],
  },
  {
    name: 'a session policy cannot widen a role',
    call: assume(sessionPolicy('ci:DescribeImageSlim', B)),
    may: [false, false, false],
  },
  {
    name: 'a federation may what sub-account and policy both allow',
    call: federate(sessionPolicy('ci:Describe*', B)),
    may: [false, false, true],
  },
])('$name', async ({ call, may }) => {
  expect(await allowedTo(call)).toEqual(may);
});

test('a key that was not issued is not narrowed', async () => {
  const { cloud } = await openLocalSts();
  const [media] = cloud.accounts[0]?.subAccounts ?? [];
  if (media === undefined) throw new Error('the cloud is empty');
  expect(isHolderAllowed({ subAccount: media }, SET_A)).toBe(true);
});

const policyArbitrary: fc.Arbitrary<AccessPolicy> = fc
  .array(
    fc.record({
      effect: fc.constantFrom('allow', 'deny'),
      action: fc.constantFrom('*', 'ci:*', 'ci:SetImageSlim', 'name/ci:Describe*'),
      resource: fc.constantFrom('*', B, B.replace('b-', 'a-'), 'qcs::ci:::bucket/*'),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((statement) => policySchema.parse({ version: '2.0', statement }));

test('whatever the policies, a session may exactly what both allow', () => {
  const subAccount = { name: 'any', uin: '100000000011', keys: [] };
  const about = { kind: 'role', name: 'any', requesterUin: '1' } as const;
  fc.assert(
    fc.property(policyArbitrary, policyArbitrary, (own, policy) => {
      const holder = {
        subAccount: { ...subAccount, policies: [own] },
        session: { ...about, policy },
      };
      for (const request of [DESCRIBE_A, SET_A, DESCRIBE_B]) {
        const both = isAllowed([own], request) && isAllowed([policy], request);
        expect(isHolderAllowed(holder, request)).toBe(both);
      }
    }),
  );
});
