import { expect, test } from 'vitest';
import { findConditionKey } from '../../src/policy/condition-key.ts';
import { contextValues } from '../../src/policy/context.ts';
import {
  bucketResource,
  matchResource,
  parseResourcePattern,
  resourceName,
} from '../../src/policy/resource.ts';

const OWNER = { appId: '1250000000', ownerUin: '100000000001' };
const OTHER = { appId: '1259999999', ownerUin: '100000000002' };
const BUCKET = { region: 'ap-shanghai', bucket: 'examplebucket-1250000000' };

function matches(text: string, policyOwner = OWNER): boolean {
  const pattern = parseResourcePattern(text);
  if (typeof pattern === 'string') throw new Error(pattern);
  return matchResource(pattern, bucketResource(BUCKET, OWNER), policyOwner);
}

test('an empty account segment means whoever owns the policy', () => {
  const text = 'qcs::ci:ap-shanghai::bucket/examplebucket-1250000000/*';
  expect(matches(text, OWNER)).toBe(true);
  expect(matches(text, OTHER)).toBe(false);
});

test('a named account is that one, whoever owns the policy', () => {
  expect(matches('qcs::ci::uid/1250000000:bucket/*', OTHER)).toBe(true);
  expect(matches('qcs::ci::uin/100000000001:bucket/*', OTHER)).toBe(true);
  expect(matches('qcs::ci::uin/1250000000:bucket/*')).toBe(false);
  expect(matches('qcs::ci::*:bucket/*', OTHER)).toBe(true);
});

test('a bucket’s name as a resource is matched by that very name', () => {
  expect(matches(resourceName(bucketResource(BUCKET, OWNER)))).toBe(true);
});

test('only an own member of the claims is a claim', () => {
  const key = findConditionKey('slimgate:claim/constructor');
  const values = contextValues({
    sourceAddress: null,
    receivedAt: new Date(0),
    operation: 'describe',
    configuration: null,
    claims: {},
  });
  expect(key).toHaveProperty('read');
  expect(typeof key === 'string' ? key : key.read(values)).toBeUndefined();
});
