import { z } from 'zod';
import { milliseconds } from './setting-values.ts';

const count = z.int().min(1).max(100_000);
const rate = z.number().min(0.01).max(100_000);
const burst = count.optional();

/** What tenants and sources may take, and how long they may take it. */
export const limits = z.strictObject({
  requestsPerSecondPerTenant: rate
    .default(200)
    .describe('of a tenant, unless the table has its own'),
  burstPerTenant: burst.describe('at once, after a pause; left out: twice the rate'),
  concurrentRequestsPerTenant: count.default(64),
  requestsPerSecondPerSource: rate
    .default(1_000)
    .describe('of an IPv4 address or an IPv6 /64, before its token is looked at'),
  burstPerSource: burst.describe('left out: twice the rate'),
  concurrentRequestsPerSource: count.default(256),
  sockets: count.default(4_096).describe('open at the same time'),
  socketsPerPeer: count.default(512).describe('of an IPv4 address or an IPv6 /64; not of a proxy'),
  idleSocketMs: milliseconds(100, 600_000).default(5_000).describe('kept for another request'),
  stalledSocketMs: milliseconds(100, 600_000)
    .default(30_000)
    .describe('nothing moves while a request is on its way, beyond timeoutMs and two waits'),
  changesWaitingPerBucket: z
    .int()
    .min(0)
    .max(1_000)
    .default(16)
    .describe('one change of a bucket is under way at a time; so many others may wait'),
  turnWaitMs: milliseconds(100, 30_000)
    .default(5_000)
    .describe('how long a request may wait for its turn'),
  bodyTimeoutMs: milliseconds(100, 60_000).default(5_000),
  headersTimeoutMs: milliseconds(100, 60_000).default(10_000),
  shutdownMs: milliseconds(100, 120_000).default(15_000).describe('time to finish on SIGTERM'),
});
