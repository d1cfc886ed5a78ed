/** What the witness reads JSON with: nothing of JSON.parse. */
export type Json = null | boolean | number | string | Json[] | Map<string, Json>;

export class Refused extends Error {}

export function demand(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Refused(what);
}

/** RFC 8259 to the letter, member names once, sixteen levels at most. */
export class JsonReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  readWhole(): Json {
    const value = this.#value(1);
    this.#blank();
    demand(this.#at === this.#text.length, 'json: more text');
    return value;
  }

  #value(depth: number): Json {
    this.#blank();
    const letter = this.#text[this.#at];
    if (letter === '{') return this.#object(depth);
    if (letter === '[') return this.#array(depth);
    if (letter === '"') return this.#string();
    const word = this.#match(/(?:null|true|false|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)/y);
    const words: Record<string, Json> = { null: null, true: true, false: false };
    return Object.hasOwn(words, word) ? (words[word] ?? null) : Number(word);
  }

  #object(depth: number): Map<string, Json> {
    demand(depth <= 16, 'json: depth');
    const members = new Map<string, Json>();
    this.#list('{', '}', () => {
      this.#blank();
      const name = this.#string();
      demand(!members.has(name), 'json: repeated member');
      this.#blank();
      this.#match(/:/y);
      members.set(name, this.#value(depth + 1));
    });
    return members;
  }

  #array(depth: number): Json[] {
    demand(depth <= 16, 'json: depth');
    const elements: Json[] = [];
    this.#list('[', ']', () => elements.push(this.#value(depth + 1)));
    return elements;
  }

  #list(open: string, close: string, readOne: () => void): void {
    demand(this.#text[this.#at] === open, 'json: bracket');
    this.#at += 1;
    this.#blank();
    if (this.#text[this.#at] !== close) {
      for (let isMore = true; isMore; ) {
        readOne();
        this.#blank();
        isMore = this.#text[this.#at] === ',';
        if (isMore) this.#at += 1;
      }
    }
    demand(this.#text[this.#at] === close, 'json: bracket');
    this.#at += 1;
  }

  #string(): string {
    const quoted = this.#match(
      // biome-ignore lint/suspicious/noControlCharactersInRegex: JSON strings must not have them.
      /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y,
    );
    return quoted.slice(1, -1).replace(/\\(?:u(....)|(.))/g, (_, hex?: string, letter = '') => {
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
      return { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }[letter as string] ?? letter;
    });
  }

  #blank(): void {
    this.#match(/[ \t\n\r]*/y);
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const [found] = pattern.exec(this.#text) ?? [];
    demand(found !== undefined, 'json: unexpected');
    this.#at += found.length;
    return found;
  }
}
