import { beginningKind, type PathKeys, type PatternKey } from './path-words.ts';
import type { Principal } from './statement.ts';

/** The drawers of those who have statements, by name. */
export type Drawers = Readonly<Record<Principal['kind'], Map<string, Drawer>>>;

/** One principal's place in the index: its own keys, and of which kinds it has any at all. */
export class Drawer {
  readonly #salt: number;
  /** The kinds that there are, a bit for each. */
  #beginnings = 0;
  #words = 0;

  /** @param number another one for each principal */
  constructor(number: number) {
    // What is odd gives another product for each number.
    this.#salt = Math.imul(number, 0x9e3779b1);
  }

  /** The same hash is another key in each drawer; yet two keys of two drawers may be one. */
  keyOf(hash: number): number {
    return hash ^ this.#salt;
  }

  /** @returns the key under which something is found from now on */
  file({ text, hash, kind }: PatternKey): number {
    if (text === 'beginning') this.#beginnings |= 1 << kind;
    else this.#words |= 1 << kind;
    return this.keyOf(hash);
  }

  /**
   * The hashes of a path under which something can be filed, the longest beginning first: of the
   * others there is none of the kind.
   */
  hashesFiled({ beginnings, words, kinds }: PathKeys): number[] {
    const hashes: number[] = [];
    for (let cuts = beginnings.length - 1; cuts >= 0; cuts -= 1) {
      if ((this.#beginnings & (1 << beginningKind(cuts))) !== 0) hashes.push(beginnings[cuts] ?? 0);
    }
    // The first word is a beginning too.
    for (let word = 1; word < words.length; word += 1) {
      if ((this.#words & (1 << (kinds[word] ?? 0))) !== 0) hashes.push(words[word] ?? 0);
    }
    return hashes;
  }
}
