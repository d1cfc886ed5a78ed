/**
 * A path and its beginnings, the longest first: each ends behind a character that is neither letter
 * nor digit, the last is empty. What may stand before a star ends in the same way, so that a path
 * has few places where a pattern can have had its star, and they are the same for every table.
 */
export function pathBeginnings(path: string): string[] {
  const beginnings: string[] = [];
  for (let end = path.length; end > 0; end = lastCut(path, end - 1)) {
    beginnings.push(path.slice(0, end));
  }
  beginnings.push('');
  return beginnings;
}

/** What of a text before a star is left when the letters and digits at its end are cut away. */
export function cutText(text: string): string {
  return text.slice(0, lastCut(text, text.length));
}

/** The last place at `from` or before it that is behind such a character; 0: there is none. */
function lastCut(text: string, from: number): number {
  let end = from;
  while (end > 0 && isLetterOrDigit(text.charCodeAt(end - 1))) end -= 1;
  return end;
}

function isLetterOrDigit(code: number): boolean {
  // 0 to 9; A to Z and a to z differ in one bit.
  return (code >= 48 && code <= 57) || ((code | 32) >= 97 && (code | 32) <= 122);
}
