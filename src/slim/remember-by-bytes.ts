/** What is remembered at most. */
export interface MemoryBounds {
  readonly entries: number;
  /** Of one text; a longer one is read anew each time. */
  readonly bytes: number;
}

/**
 * Make a function of bytes remember what it returned: for texts of which few different ones come
 * again and again. What it throws is not remembered, and when the memory is full it begins anew.
 * @param read returns a value that nobody changes
 */
export function rememberByBytes<Value>(
  read: (bytes: Buffer) => Value,
  bounds: MemoryBounds,
): (bytes: Buffer) => Value {
  const remembered = new Map<string, Value>();
  return function readOrRecall(bytes) {
    if (bytes.length > bounds.bytes) return read(bytes);
    // Each byte is one character: equal texts are equal bytes.
    const text = bytes.toString('latin1');
    const known = remembered.get(text);
    if (known !== undefined) return known;
    const value = read(bytes);
    if (remembered.size >= bounds.entries) remembered.clear();
    remembered.set(text, value);
    return value;
  };
}
