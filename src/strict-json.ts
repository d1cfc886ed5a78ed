/** Why a text is not strict JSON: a short sentence without any of the text in it. */
export class StrictJsonError extends Error {
  override readonly name = 'StrictJsonError';
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Parse JSON as RFC 8259 means it and RFC 8785 demands it: UTF-8 without a byte order mark, and no
 * member name twice in one object (`JSON.parse` silently keeps the last).
 * @throws StrictJsonError
 */
export function parseStrictJson(bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    throw new StrictJsonError('it is not valid UTF-8');
  }
  return parseStrictJsonText(text);
}

/** As parseStrictJson, for a text that is decoded already. */
export function parseStrictJsonText(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new StrictJsonError('it is not well-formed JSON');
  }
  if (hasRepeatedMember(text)) throw new StrictJsonError('a member name is repeated');
  return value;
}

/** In valid JSON: a string with the colon that makes it a member name, or a bracket. */
const TOKEN = /("[^"\\]*(?:\\.[^"\\]*)*")([ \t\n\r]*:)?|[{}[\]]/g;

/** Walks a text that JSON.parse has accepted; names are compared after unescaping. */
function hasRepeatedMember(text: string): boolean {
  const open: Set<string>[] = [];
  for (const [token, quoted, colon] of text.matchAll(TOKEN)) {
    if (token === '{' || token === '[') open.push(new Set());
    else if (token === '}' || token === ']') open.pop();
    else if (quoted !== undefined && colon !== undefined && isRepeated(open.at(-1), quoted)) {
      return true;
    }
  }
  return false;
}

function isRepeated(names: Set<string> | undefined, quoted: string): boolean {
  const name: string = JSON.parse(quoted);
  if (names?.has(name)) return true;
  names?.add(name);
  return false;
}
