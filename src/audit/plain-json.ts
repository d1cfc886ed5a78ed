import type { z } from 'zod';

type Schema = z.core.JSONSchema.BaseSchema;

/** Text that stands in JSON as it is: no quote, no backslash, nothing beyond printable ASCII. */
const PLAIN_TEXT = '"[ !#-[\\]-~]*"';
/** Whole numbers, which have one text. */
const WHOLE_NUMBER = '(?:0|[1-9]\\d{0,14})';
/** A type without a row is not matched: such values are read the long way. */
const NOTHING = '(?!)';

/**
 * A regular expression for the JSON texts of an object's members: those that JSON.stringify gives,
 * in the shape's order, as long as all in them is plain ASCII and whole numbers. It matches other
 * texts of the same values not, and none that is not of the shape, but for one thing: the length of
 * a text is not looked at, which would take half of the time.
 * @param schema whose first member is not optional
 * @param wanted paths like `tenant.name` whose texts are captured, in the shape's order
 */
export function membersPattern(schema: Schema, wanted: ReadonlySet<string>, path = ''): string {
  const members = Object.entries(schema.properties ?? {}).map(([name, member], index) => {
    const memberPath = path === '' ? name : `${path}.${name}`;
    // Of a property that is `true` or `false` there is none in our shapes.
    const value = valuePattern(member as Schema, wanted, memberPath);
    const pattern = `"${name}":${wanted.has(memberPath) ? `(${value})` : value}`;
    if (index === 0) return pattern;
    return schema.required?.includes(name) ? `,${pattern}` : `(?:,${pattern})?`;
  });
  return members.join('');
}

function valuePattern(schema: Schema, wanted: ReadonlySet<string>, path: string): string {
  return `(?:${alternatives(schema, wanted, path).join('|')})`;
}

function alternatives(schema: Schema, wanted: ReadonlySet<string>, path: string): string[] {
  if (schema.anyOf) return schema.anyOf.flatMap((one) => alternatives(one, wanted, path));
  const values = schema.const === undefined ? schema.enum : [schema.const];
  if (values !== undefined) return values.map((value) => JSON.stringify(value));
  const types = [schema.type].flat().map(String);
  return types.map((type) => {
    if (type === 'object') return `\\{${membersPattern(schema, wanted, path)}\\}`;
    return SIMPLE_TYPES[type]?.(schema) ?? NOTHING;
  });
}

const SIMPLE_TYPES: Readonly<Record<string, (schema: Schema) => string>> = {
  null: () => 'null',
  boolean: () => 'true|false',
  integer: () => WHOLE_NUMBER,
  number: () => WHOLE_NUMBER,
  string: ({ pattern }) => (pattern ? `"${pattern.replace(/^\^|\$$/g, '')}"` : PLAIN_TEXT),
  array: ({ items, maxItems }) => {
    const item = valuePattern(items as Schema, new Set(), '');
    return `\\[(?:${item}(?:,${item}){0,${Number(maxItems) - 1}})?\\]`;
  },
};
