import { hash } from 'node:crypto';
import type { z } from 'zod';
import { type ErrorCode, GatewayError } from '../src/errors.ts';
import { parseStrictJson, StrictJsonError } from '../src/strict-json.ts';
import type { BodyLimits } from './read-body.ts';
import { readJsonBody } from './read-json-body.ts';
import type { GatewayContext } from './state.ts';

interface Expected<Schema extends z.ZodType> extends BodyLimits {
  readonly schema: Schema;
  /** What is told when the body is JSON of another shape. */
  readonly code: ErrorCode;
}

/**
 * Read a body that must be JSON of a shape.
 * @throws GatewayError `code`, `body-malformed`, or as readJsonBody
 */
export async function readBodyAs<Schema extends z.ZodType>(
  ctx: GatewayContext,
  { schema, code, ...limits }: Expected<Schema>,
): Promise<z.output<Schema>> {
  const bytes = await readJsonBody(ctx, limits);
  ctx.state.bodySha256 = hash('sha256', bytes);
  const parsed = schema.safeParse(parseJson(bytes));
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map(({ path, message }) => ({
    pointer: path.map((part) => `/${String(part)}`).join(''),
    detail: message,
  }));
  const [first] = errors;
  throw new GatewayError(code, `${first?.pointer}: ${first?.detail}`, { errors });
}

function parseJson(bytes: Buffer): unknown {
  try {
    return parseStrictJson(bytes);
  } catch (error) {
    if (error instanceof StrictJsonError) throw new GatewayError('body-malformed', error.message);
    throw error;
  }
}
