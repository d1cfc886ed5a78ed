import { z } from 'zod';
import type { Report } from './report.ts';

/** What to say of a member that has no place, by its name. */
export type MemberHints = Readonly<Record<string, string>>;

/** CAM's words are lower-case; in another vendor's language they begin with a capital. */
export function lowerCaseHints(names: readonly string[]): MemberHints {
  return Object.fromEntries(
    names.map((name) => [
      `${name.charAt(0).toUpperCase()}${name.slice(1)}`,
      `it is written \`${name}\``,
    ]),
  );
}

/** An object with these members and no other. */
export function strictObject<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: ({ code }) => (code === 'invalid_type' ? 'must be an object' : undefined),
  });
}

/**
 * Read a value by a schema, strictly.
 * @returns null when it does not fit; `report` has taken every fault
 */
export function readShape<Schema extends z.ZodType>(
  { schema, hints = {} }: { readonly schema: Schema; readonly hints?: MemberHints },
  value: unknown,
  report: Report,
): z.output<Schema> | null {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) {
    const path = pathOf(issue.path);
    if (issue.code !== 'unrecognized_keys') report(path, issue.message);
    else for (const key of issue.keys) report(path, strangeMember(key, hints));
  }
  return null;
}

function strangeMember(key: string, hints: MemberHints): string {
  const hint = Object.hasOwn(hints, key) ? hints[key] : undefined;
  return `unknown member \`${key}\`${hint === undefined ? '' : `: ${hint}`}`;
}

function pathOf(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
}
