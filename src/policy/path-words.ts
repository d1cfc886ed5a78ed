/**
 * A text is cut behind every character that is neither letter nor digit. What stands between two
 * cuts is a word; what stands before a cut is a beginning. Both go by the hash of their characters:
 * a number is found in a large map without reading what else is there.
 */
export interface PathKeys {
  /** Of the whole text, and of what it begins with up to each cut: the longest first, '' last. */
  readonly beginnings: number[];
  readonly words: number[];
}

/** Hash a text and all that its cuts make of it, in one pass over its characters. */
export function pathKeys(text: string): PathKeys {
  const beginnings = [EMPTY];
  const words: number[] = [];
  let beginning = EMPTY;
  let word = EMPTY;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    beginning = mix(beginning, code);
    word = mix(word, code);
    if (i + 1 < text.length && isLetterOrDigit(code)) continue;
    beginnings.push(beginning);
    words.push(word);
    word = EMPTY;
  }
  return { beginnings: beginnings.reverse(), words };
}

/** What is left of a text when the letters and digits at its end are cut away. */
export function withoutOpenWord(text: string): string {
  let end = text.length;
  while (end > 0 && isLetterOrDigit(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

/** The two numbers of FNV-1a, a hash that is made character by character. */
const EMPTY = 0x811c9dc5 | 0;
const PRIME = 0x01000193;

function mix(hash: number, code: number): number {
  return Math.imul(hash ^ code, PRIME);
}

function isLetterOrDigit(code: number): boolean {
  // 0 to 9; A to Z and a to z differ in one bit.
  return (code >= 48 && code <= 57) || ((code | 32) >= 97 && (code | 32) <= 122);
}
