import { LineCounter, parseDocument } from 'yaml';
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
  const parsed = schema.safeParse(yamlValue(what, text));
  if (parsed.success) return parsed.data;
  throw new ConfigurationError(what, parsed.error.issues.map(problemOf));
}

function yamlValue(what: string, text: string): unknown {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const problems = [...document.errors, ...document.warnings].map(({ pos, message }) => {
    const { line, col } = lines.linePos(pos[0]);
    return `line ${line}, column ${col}: ${message.split('\n')[0]}`;
  });
  if (problems.length > 0) throw new ConfigurationError(what, problems);
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
