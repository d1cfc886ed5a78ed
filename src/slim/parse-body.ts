import type { z } from 'zod';
import { type FieldError, GatewayError } from '../errors.ts';
import { parseStrictJson, StrictJsonError } from '../strict-json.ts';

/**
 * Read a tenant's body by a schema.
 * @param body the raw bytes, already bounded
 * @throws GatewayError `body-malformed` when it is not strict JSON; `body-invalid` with one JSON
 *   pointer per fault when it does not fit
 */
export function parseBody<Schema extends z.ZodType>(
  schema: Schema,
  body: Uint8Array,
): z.output<Schema> {
  const parsed = schema.safeParse(strictJson(body));
  if (parsed.success) return parsed.data;
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
