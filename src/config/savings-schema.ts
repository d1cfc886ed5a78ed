import { z } from 'zod';
import { milliseconds } from './setting-values.ts';

/** How much a question about savings may cost. */
export const savings = z.strictObject({
  keys: z.int().min(1).max(500).default(50).describe('the most objects in one question'),
  objectBytes: z
    .int()
    .min(1_024)
    .max(1_073_741_824)
    .default(33_554_432)
    .describe('a larger object is not downloaded'),
  timeoutMs: milliseconds(1_000, 120_000).default(20_000).describe('for one question, in all'),
  objectsAtATime: z.int().min(1).max(64).default(4).describe('downloads of one question'),
  downloads: z.int().min(1).max(1_024).default(32).describe('downloads of all questions'),
});
