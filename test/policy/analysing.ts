import type { DecisionRequest } from '../../src/policy/decide.ts';
import type { Surroundings } from '../../src/policy/standing.ts';
import { APP_ID, OWNER_UIN, SUB_ACCOUNTS, type TestRequest } from './asking.ts';

export const NOW = new Date('2026-06-01T12:00:00.000Z');

/** Both sub-accounts of the tests are of one main account. */
export const SURROUNDINGS: Surroundings = {
  accountOf: (name) => (SUB_ACCOUNTS.has(name) ? { appId: APP_ID, ownerUin: OWNER_UIN } : null),
  now: NOW,
};

export const REGIONS = new Set(['ap-shanghai', 'ap-beijing', 'ap-guangzhou']);

/** A request of an analysis as a test asks it, so that the witness can be asked as well. */
export function testRequestOf({ tenant, action, resource, context }: DecisionRequest): TestRequest {
  const { operation, configuration, sourceAddress, receivedAt, claims } = context;
  return {
    tenant,
    action,
    operation,
    region: resource.region,
    bucket: resource.path.split('/')[1] ?? '',
    ...(configuration && { modes: configuration.modes, suffixes: configuration.suffixes }),
    ip: sourceAddress,
    at: receivedAt.toISOString(),
    claims,
  };
}
