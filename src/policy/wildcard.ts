/** A pattern as it is written: `*` stands for any run of characters, nothing else is special. */
export type Wildcard = string;

const STAR = 0x2a;

/**
 * Whether a pattern matches a whole text. Compares case-sensitively, in time linear in
 * pattern × text at worst: no regular expression is ever made from a policy.
 */
export function matchWildcard(pattern: Wildcard, text: string): boolean {
  let at = 0;
  let star = -1;
  /** Where in the text ends what the star stands for; it takes one character more when need be. */
  let taken = 0;
  let i = 0;
  while (i < text.length) {
    const code = at < pattern.length ? pattern.charCodeAt(at) : -1;
    if (code === STAR) {
      star = at;
      taken = i;
      at += 1;
    } else if (code === text.charCodeAt(i)) {
      at += 1;
      i += 1;
    } else if (star === -1) {
      return false;
    } else {
      taken += 1;
      at = star + 1;
      i = taken;
    }
  }
  while (at < pattern.length && pattern.charCodeAt(at) === STAR) at += 1;
  return at === pattern.length;
}
