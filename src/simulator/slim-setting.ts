import { z } from 'zod';

const MODES = ['API', 'Auto', 'Auto,API', 'API,Auto'] as const;
const SUFFIXES = ['jpg', 'png', 'gif'] as const;

/** Whether a value is a `SlimMode`. Source: Cloud Infinite documentation, enabling compression. */
export const slimModeSchema = z.enum(MODES);
/** Source: Cloud Infinite documentation, `Suffix`. */
export const suffixSchema = z.enum(SUFFIXES);

/** A bucket's setting as it is kept; `mode` is null only where it was never switched on. */
export const slimSettingSchema = z
  .strictObject({
    status: z.enum(['on', 'off']),
    mode: slimModeSchema.nullable(),
    suffixes: z.array(suffixSchema).default([]),
  })
  .refine(({ suffixes }) => new Set(suffixes).size === suffixes.length, {
    path: ['suffixes'],
    error: 'a suffix is repeated',
  })
  .refine(({ mode, suffixes }) => hasAuto(mode) === suffixes.length > 0, {
    path: ['suffixes'],
    error: 'suffixes belong to Auto, and Auto needs one at least',
  })
  .refine(({ status, mode }) => status === 'off' || mode !== null, {
    path: ['mode'],
    error: 'a setting that is on has a mode',
  });

export type SlimMode = z.output<typeof slimModeSchema>;
export type SlimSetting = z.output<typeof slimSettingSchema>;

/** The setting of a bucket that nobody has touched. */
export const NEVER_SET: SlimSetting = { status: 'off', mode: null, suffixes: [] };

export function hasAuto(mode: SlimMode | null): boolean {
  return mode?.split(',').includes('Auto') ?? false;
}
