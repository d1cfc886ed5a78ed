/** Whether a pattern with `*` for any run of characters matches a text, one character at a time. */
export function glob(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  if (pattern[0] === '*') {
    for (let i = 0; i <= text.length; i++) {
      if (glob(pattern.slice(1), text.slice(i))) return true;
    }
    return false;
  }
  return pattern[0] === text[0] && text !== '' && glob(pattern.slice(1), text.slice(1));
}
