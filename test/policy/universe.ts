import { CALLS } from '../../src/policy/calls.ts';
import { APP_ID, E, P, T, type TestRequest } from './asking.ts';

/** A small world, gone through whole: every call on every bucket, with every fact. */
const REGIONS = ['ap-shanghai', 'ap-chengdu'];
export const BUCKETS = [E, P, T, `other-${APP_ID}`];
const ADDRESSES = ['10.1.2.3', '203.0.113.5', '2001:db8::1', null];
const TIMES = ['2025-12-31T23:59:59.999Z', '2026-06-01T12:00:00.500Z', '2029-01-01T00:00:00.000Z'];
const CLAIMS: readonly Record<string, unknown>[] = [
  {},
  { team: 'web' },
  { team: ['ads', 'web'], level: 4.5 },
];

const FACTS: readonly TestRequest[] = ADDRESSES.flatMap((ip) =>
  TIMES.flatMap((at) => CLAIMS.map((claims) => ({ ip, at, claims }))),
);

/** All requests of a tenant in the small world. */
export function* everyRequest(tenant: string): Generator<TestRequest, void, void> {
  for (const { operation, action, configuration } of CALLS) {
    const call = { tenant, operation, action, ...(configuration ?? {}) };
    for (const region of REGIONS) {
      for (const bucket of BUCKETS) {
        for (const facts of FACTS) yield { ...call, region, bucket, ...facts };
      }
    }
  }
}
