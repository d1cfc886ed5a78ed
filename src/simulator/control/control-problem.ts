import type { z } from 'zod';

/** Why a call of the control API is refused, and what to change about it. */
export class ControlProblem extends Error {
  override readonly name = 'ControlProblem';
  readonly status: number;
  /** Each names a place and what belongs there. */
  readonly change: readonly string[];

  constructor(status: number, problem: string, change: readonly string[]) {
    super(problem);
    this.status = status;
    this.change = change;
  }
}

/** @throws ControlProblem 422 with all that is wrong with a value */
export function readValue<Schema extends z.ZodType>(
  schema: Schema,
  given: unknown,
  what: string,
): z.output<Schema> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const change = parsed.error.issues.map(
    ({ path, message }) => `${path.map(String).join('.') || 'the body'}: ${message}`,
  );
  throw new ControlProblem(422, `this is not ${what}`, change);
}
