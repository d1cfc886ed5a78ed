/**
 * Whether a pattern matches a whole text; `*` stands for any run of characters, nothing else is
 * special. Compares case-sensitively, in time linear in pattern × text at worst: no regular
 * expression is ever made from a policy.
 */
export function matchWildcard(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return pattern === text;
  if (!text.startsWith(first)) return false;

  const last = rest.pop() ?? '';
  let from = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, from);
    if (found === -1) return false;
    from = found + part.length;
  }
  return text.length - last.length >= from && text.endsWith(last);
}
