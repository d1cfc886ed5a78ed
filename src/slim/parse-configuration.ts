import { z } from 'zod';
import { type FieldError, GatewayError } from '../errors.ts';
import { parseStrictJson, StrictJsonError } from '../strict-json.ts';
import {
  canonicalConfiguration,
  SLIM_MODES,
  SLIM_SUFFIXES,
  type SlimConfiguration,
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

/** The shape of a tenant's body. */
export const slimConfigurationBody = z
  .strictObject(
    {
      modes: listOf(SLIM_MODES).min(1, {
        error: `must name at least one of ${quoted(SLIM_MODES)}`,
      }),
      suffixes: listOf(SLIM_SUFFIXES).optional(),
    },
    { error: (issue) => (issue.code === 'invalid_type' ? 'must be an object' : undefined) },
  )
  .superRefine(({ modes, suffixes }, context) => {
    const hasAuto = modes.includes('Auto');
    if (hasAuto ? suffixes !== undefined && suffixes.length > 0 : suffixes === undefined) return;
    const message = hasAuto
      ? `must name at least one of ${quoted(SLIM_SUFFIXES)} when modes has "Auto"`
      : 'only has a meaning when modes has "Auto"; remove it';
    context.addIssue({ code: 'custom', path: ['suffixes'], message });
  });

/**
 * Read a tenant's body into the configuration it means.
 * @param body the raw bytes, already bounded
 * @throws GatewayError `body-malformed` when it is not strict JSON; `body-invalid` with one JSON
 *   pointer per fault when it is not a slim configuration
 */
export function parseConfiguration(body: Uint8Array): SlimConfiguration {
  const parsed = slimConfigurationBody.safeParse(strictJson(body));
  if (parsed.success) {
    return canonicalConfiguration(parsed.data.modes, parsed.data.suffixes ?? []);
  }
  const errors = parsed.error.issues.flatMap(fieldErrorsOf).slice(0, MAX_NAMED_FAULTS);
  const first = errors[0];
  throw new GatewayError(
    'body-invalid',
    first === undefined ? 'see errors' : `${first.pointer || 'the body'} ${first.detail}`,
    { errors },
  );
}

function strictJson(body: Uint8Array): unknown {
  try {
    return parseStrictJson(body);
  } catch (error) {
    if (!(error instanceof StrictJsonError)) throw error;
    throw new GatewayError('body-malformed', `the body cannot be read: ${error.message}`);
  }
}

/** At most this many faults are named: the answer must not grow with a hostile body. */
const MAX_NAMED_FAULTS = 16;
const MAX_NAME_LENGTH = 64;

function fieldErrorsOf(issue: z.core.$ZodIssue): FieldError[] {
  if (issue.code !== 'unrecognized_keys') {
    return [{ pointer: pointerOf(issue.path), detail: issue.message }];
  }
  return issue.keys.map((name) => ({
    pointer: pointerOf([...issue.path, name.slice(0, MAX_NAME_LENGTH)]),
    detail: 'is not a member of this document; remove it',
  }));
}

/** Source: RFC 6901, section 3. */
function pointerOf(path: readonly PropertyKey[]): string {
  return path
    .map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}
