import { z } from 'zod';
import { conditionSchema } from './conditions.ts';

/** A list of one may stand without its brackets. Source: CAM documentation, "Syntax Structure". */
function listOf<Item extends z.ZodType>(item: Item) {
  return z.preprocess((value) => (Array.isArray(value) ? value : [value]), z.array(item).min(1));
}

/** `*`, `ci:SetImageSlim`, `ci:*`, `name/ci:Describe*`: a star only at the end. */
const actionSchema = z
  .string()
  .regex(/^(?:\*|(?:name\/)?[a-z]+:(?:[A-Za-z0-9]+\*?|\*))$/, 'not an action');

/**
 * `*`, or six segments of which service, region and account may be empty or a star; a name may end
 * with one. Source: CAM documentation, "Resource Description Method".
 */
const resourceSchema = z
  .string()
  .regex(
    /^(?:\*|qcs::(?:[a-z]*|\*):(?:[a-z0-9-]*|\*):(?:ui[dn]\/[0-9]+|\*)?:(?:[^*]+\*?|\*))$/,
    'not a six-segment resource',
  );

const statementSchema = z.strictObject({
  effect: z.enum(['allow', 'deny']),
  action: listOf(actionSchema),
  resource: listOf(resourceSchema),
  condition: conditionSchema.optional(),
});

/** A CAM policy document. Source: CAM documentation, "Syntax Structure". */
export const policySchema = z.strictObject({
  version: z.literal('2.0', { error: 'must be the text "2.0", in quotes' }),
  statement: listOf(statementSchema),
});

export type AccessStatement = z.output<typeof statementSchema>;
export type AccessPolicy = z.output<typeof policySchema>;

/** The segments of a resource; colons beyond the fifth belong to the sixth. */
export function segmentsOf(resource: string): readonly string[] {
  const segments = resource.split(':');
  return [...segments.slice(0, 5), segments.slice(5).join(':')];
}
