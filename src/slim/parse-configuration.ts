import { z } from 'zod';
import { parseBody } from './parse-body.ts';
import {
  canonicalConfiguration,
  SLIM_MODES,
  SLIM_SUFFIXES,
  type SlimConfiguration,
  type SlimMode,
  type SlimSuffix,
} from './slim-configuration.ts';

const quoted = (values: readonly string[]) => values.map((value) => `"${value}"`).join(', ');

function listOf<T extends string>(values: readonly [T, ...T[]]) {
  return z
    .array(z.enum(values, { error: `must be one of ${quoted(values)}` }), {
      error: `must be a list of ${quoted(values)}`,
    })
    .superRefine((list, context) => {
      for (const [index, value] of list.entries()) {
        if (list.indexOf(value) < index) {
          context.addIssue({ code: 'custom', path: [index], message: 'is repeated; remove it' });
        }
      }
    });
}

/** What a configuration is written with. */
export const configurationMembers = {
  modes: listOf(SLIM_MODES).min(1, {
    error: `must name at least one of ${quoted(SLIM_MODES)}`,
  }),
  suffixes: listOf(SLIM_SUFFIXES).optional(),
};

/** What is wrong with the suffixes beside these modes; null: nothing. */
export function suffixesFault({
  modes,
  suffixes,
}: {
  readonly modes: readonly SlimMode[];
  readonly suffixes?: readonly SlimSuffix[] | undefined;
}): string | null {
  const hasAuto = modes.includes('Auto');
  if (hasAuto ? suffixes !== undefined && suffixes.length > 0 : suffixes === undefined) return null;
  return hasAuto
    ? `must name at least one of ${quoted(SLIM_SUFFIXES)} when modes has "Auto"`
    : 'only has a meaning when modes has "Auto"; remove it';
}

/** The shape of a tenant's body. */
export const slimConfigurationBody = z
  .strictObject(configurationMembers, {
    error: (issue) => (issue.code === 'invalid_type' ? 'must be an object' : undefined),
  })
  .superRefine((body, context) => {
    const message = suffixesFault(body);
    if (message !== null) context.addIssue({ code: 'custom', path: ['suffixes'], message });
  });

/**
 * Read a tenant's body into the configuration it means.
 * @param body the raw bytes, already bounded
 * @throws GatewayError `body-malformed` when it is not strict JSON; `body-invalid` with one JSON
 *   pointer per fault when it is not a slim configuration
 */
export function parseConfiguration(body: Uint8Array): SlimConfiguration {
  const { modes, suffixes } = parseBody(slimConfigurationBody, body);
  return canonicalConfiguration(modes, suffixes ?? []);
}
