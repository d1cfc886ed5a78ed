/** A pattern, compiled: the texts between its stars, in order. */
export interface Wildcard {
  readonly first: string;
  readonly middle: readonly string[];
  /** Null: the pattern has no star. */
  readonly last: string | null;
}

const NO_TEXTS: readonly string[] = [];

/** Compile a pattern: `*` stands for any run of characters, nothing else is special. */
export function compileWildcard(pattern: string): Wildcard {
  const [first = '', ...middle] = pattern.split('*');
  const last = middle.pop() ?? null;
  return { first, middle: middle.length === 0 ? NO_TEXTS : middle, last };
}

/**
 * Whether a pattern matches a whole text. Compares case-sensitively, in time linear in
 * pattern × text at worst: no regular expression is ever made from a policy.
 */
export function matchWildcard({ first, middle, last }: Wildcard, text: string): boolean {
  if (last === null) return first === text;
  if (!text.startsWith(first)) return false;
  let from = first.length;
  for (const part of middle) {
    const found = text.indexOf(part, from);
    if (found === -1) return false;
    from = found + part.length;
  }
  return text.length - last.length >= from && text.endsWith(last);
}

/** The pattern as it was written. */
export function wildcardText({ first, middle, last }: Wildcard): string {
  return last === null ? first : [first, ...middle, last].join('*');
}
