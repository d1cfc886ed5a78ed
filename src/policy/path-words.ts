/**
 * A text is cut behind every character that is neither letter nor digit. What stands between two
 * cuts is a word; what stands before a cut is a beginning. Both go by the hash of their characters,
 * so that to look for one reads no text.
 */
export interface PathKeys {
  /** Of what the text begins with up to its first n cuts, by n: '' first, the whole text last. */
  readonly beginnings: readonly number[];
  readonly words: readonly number[];
  /** Of what kind each word is. */
  readonly kinds: readonly number[];
}

/** Hash a text and all that its cuts make of it, in one pass over its characters. */
export function pathKeys(text: string): PathKeys {
  const beginnings = [EMPTY];
  const words: number[] = [];
  const kinds: number[] = [];
  let beginning = EMPTY;
  let word = EMPTY;
  let wordAt = 0;
  let hasDigit = false;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    beginning = mix(beginning, code);
    word = mix(word, code);
    hasDigit ||= isDigit(code);
    if (i + 1 < text.length && isLetterOrDigit(code)) continue;
    beginnings.push(beginning);
    words.push(word);
    kinds.push(wordKind(i + 1 - wordAt, hasDigit));
    hasDigit = false;
    word = EMPTY;
    wordAt = i + 1;
  }
  return { beginnings, words, kinds };
}

/** A text that a pattern can be found by. */
export interface PatternKey {
  readonly text: 'beginning' | 'word';
  readonly hash: number;
  /** Among beginnings, or among words: below 32. */
  readonly kind: number;
}

/**
 * Hash what a path must have for a pattern to match it: a beginning, and the words behind a star.
 * INVARIANT: each is one of the path's own, whatever the stars stand for. What a star can have cut
 * off is left out: the word that ends at it, and the one that starts there.
 * @param pattern with `*` for any run of characters
 * @returns one at least: the beginning
 */
export function patternKeys(pattern: string): PatternKey[] {
  const star = pattern.indexOf('*');
  if (star === -1) return [longestBeginning(pattern)];
  const keys = [longestBeginning(withoutOpenWord(pattern.slice(0, star)))];
  let word = EMPTY;
  let wordAt = star + 1;
  let isOpen = true;
  let hasDigit = false;
  for (let i = wordAt; i < pattern.length; i += 1) {
    const code = pattern.charCodeAt(i);
    word = mix(word, code);
    hasDigit ||= isDigit(code);
    if (i + 1 < pattern.length && isLetterOrDigit(code)) continue;
    isOpen ||= code === STAR;
    if (!isOpen) keys.push({ text: 'word', hash: word, kind: wordKind(i + 1 - wordAt, hasDigit) });
    isOpen = code === STAR;
    hasDigit = false;
    word = EMPTY;
    wordAt = i + 1;
  }
  return keys;
}

const STAR = 0x2a;

function longestBeginning(text: string): PatternKey {
  let hash = EMPTY;
  let cuts = 0;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    hash = mix(hash, code);
    if (i + 1 === text.length || !isLetterOrDigit(code)) cuts += 1;
  }
  return { text: 'beginning', hash, kind: beginningKind(cuts) };
}

/** What is left of a text when the letters and digits at its end are cut away. */
function withoutOpenWord(text: string): string {
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

/** A beginning's: how many cuts it has; the highest kind is of all that have more. */
export function beginningKind(cuts: number): number {
  return Math.min(cuts, 31);
}

/** A word's: how long it is, and whether it is one of letters alone. */
function wordKind(length: number, hasDigit: boolean): number {
  return Math.min(length, 15) + (hasDigit ? 16 : 0);
}

function isLetterOrDigit(code: number): boolean {
  // A to Z and a to z differ in one bit.
  return isDigit(code) || ((code | 32) >= 97 && (code | 32) <= 122);
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}
