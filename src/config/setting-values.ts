import { z } from 'zod';

/** What settings are made of. */

export const text = z.string().min(1);
export const milliseconds = (least: number, most: number) => z.int().min(least).max(most);
export const name = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'must be lower-case letters, digits, hyphens');
export const path = text.describe('relative to this file');
export const port = z.int().min(0).max(65535);
