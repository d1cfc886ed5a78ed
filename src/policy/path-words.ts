/** A text in two ways of cutting it, always behind a character that is neither letter nor digit. */
export interface PathTexts {
  /** The text, and what it begins with up to each cut; the longest first, the last is empty. */
  readonly beginnings: readonly string[];
  /** What stands between one cut and the next. */
  readonly words: readonly string[];
}

/** Cut a path. A name of `ci` has half a dozen cuts; a text can have no more than it has letters. */
export function cutPath(path: string): PathTexts {
  const beginnings = [''];
  const words = wordsOf(path);
  let end = 0;
  for (const word of words) {
    end += word.length;
    beginnings.push(path.slice(0, end));
  }
  return { beginnings: beginnings.reverse(), words };
}

/** The words of a text, each with the separator that ends it; the last may have none. */
export function wordsOf(text: string): string[] {
  const words: string[] = [];
  let start = 0;
  for (let end = 1; end <= text.length; end += 1) {
    if (end < text.length && isLetterOrDigit(text.charCodeAt(end - 1))) continue;
    words.push(text.slice(start, end));
    start = end;
  }
  return words;
}

/** What is left of a text when the letters and digits at its end are cut away. */
export function withoutOpenWord(text: string): string {
  let end = text.length;
  while (end > 0 && isLetterOrDigit(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

function isLetterOrDigit(code: number): boolean {
  // 0 to 9; A to Z and a to z differ in one bit.
  return (code >= 48 && code <= 57) || ((code | 32) >= 97 && (code | 32) <= 122);
}
