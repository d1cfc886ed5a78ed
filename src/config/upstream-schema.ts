import { z } from 'zod';
import { milliseconds, port, text } from './setting-values.ts';

/** Where the upstream is, and how much of it is asked at a time. */
export const upstream = z.strictObject({
  hostTemplate: z
    .string()
    .regex(/^\{bucket\}\.[a-z0-9.-]*\{region\}\.[a-z0-9.-]*[a-z0-9]$/, {
      error: 'must look like `{bucket}.pic.{region}.myqcloud.com`',
    })
    .default('{bucket}.pic.{region}.myqcloud.com'),
  objectHostTemplate: z
    .string()
    .regex(/^\{bucket\}\.[a-z0-9.-]*\{region\}\.[a-z0-9.-]*[a-z0-9]$/, {
      error: 'must look like `{bucket}.cos.{region}.myqcloud.com`',
    })
    .default('{bucket}.cos.{region}.myqcloud.com')
    .describe('where objects are, for questions about savings'),
  additionalRegions: z
    .array(z.string().regex(/^[a-z]{2}-[a-z]+(?:-[a-z0-9]+)*$/, 'must be a region code'))
    .default([])
    .describe('region codes beyond the known ones'),
  connect: z
    .strictObject({ host: text, port: port.min(1) })
    .optional()
    .describe('one fixed place over plain http, for a local Cloud Infinite; refused in production'),
  timeoutMs: milliseconds(100, 120_000).default(10_000).describe('for a call, retry included'),
  settleMs: z
    .int()
    .min(0)
    .max(60_000)
    .default(1_000)
    .describe('the bucket’s next change waits so long for one that was given up'),
  keyTimeSeconds: z.int().min(180).max(600).default(300).describe('validity of a signature'),
  maxSockets: z.int().min(1).max(4096).default(256).describe('connections in all'),
  callsPerRegion: z
    .int()
    .min(1)
    .max(4096)
    .default(128)
    .describe('at a time; below maxSockets, so that no region takes all connections'),
  readsPerBucket: z.int().min(1).max(4096).default(16).describe('at a time; others wait'),
  outage: z
    .strictObject({
      failures: z.int().min(2).max(100_000).default(10).describe('in a row'),
      pauseMs: milliseconds(100, 300_000).default(5_000).describe('before one call may try'),
    })
    .prefault({})
    .describe('when a bucket or region that keeps failing is left alone'),
  allowPrivateAddresses: z
    .boolean()
    .default(false)
    .describe('lets the upstream’s names lead to private addresses, as inside Tencent Cloud'),
  idleSocketMs: milliseconds(100, 300_000).default(15_000),
});
