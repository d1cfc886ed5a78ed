import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { ConfigurationError } from './errors.ts';

/**
 * Parse a YAML text that people write, by a schema: no repeated keys, no aliases, no unknown
 * members; every problem at once, with its line or its path.
 * @param what how the refusal begins, like `the policy table is refused`
 * @throws ConfigurationError
 */
export function parseStrictYaml<Schema extends z.ZodType>(
  what: string,
  text: string,
  schema: Schema,
): z.output<Schema> {
  return requireShape(what, readStrictYaml(what, text).value, schema);
}

/** @throws ConfigurationError that lists every member that does not fit, by its path */
export function requireShape<Schema extends z.ZodType>(
  what: string,
  value: unknown,
  schema: Schema,
): z.output<Schema> {
  // For one document it takes longer to compile code of the schema than to do without.
  const parsed = schema.safeParse(value, { jitless: true });
  if (parsed.success) return parsed.data;
  throw new ConfigurationError(what, parsed.error.issues.map(problemOf));
}

/** A YAML text as a value, and where its members stand. */
export interface ReadYaml {
  readonly value: unknown;
  /** The line of a member, from 1; null when there is no such member. */
  lineOf(path: readonly (string | number)[]): number | null;
}

/** @throws ConfigurationError as parseStrictYaml, about everything but the shape */
export function readStrictYaml(what: string, text: string): ReadYaml {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const problems = [...document.errors, ...document.warnings].map(({ pos, message }) => {
    const { line, col } = lines.linePos(pos[0]);
    return `line ${line}, column ${col}: ${message.split('\n')[0]}`;
  });
  if (problems.length > 0) throw new ConfigurationError(what, problems);
  return {
    value: plainValue(what, document),
    lineOf(path) {
      const node = path.length === 0 ? document.contents : document.getIn(path, true);
      return isNode(node) && node.range ? lines.linePos(node.range[0]).line : null;
    },
  };
}

function plainValue(what: string, document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch {
    throw new ConfigurationError(what, ['aliases (`*name`) are not taken; write the value out']);
  }
}

function problemOf(issue: z.core.$ZodIssue): string {
  const path = issue.path.map(String).join('.') || 'the document';
  if (issue.code !== 'unrecognized_keys') return `${path}: ${issue.message}`;
  return `${path}: unknown member ${issue.keys.map((key) => `\`${key}\``).join(', ')}`;
}
