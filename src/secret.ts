import { inspect } from 'node:util';

const MASK = '[secret]';

/**
 * A text that cannot be printed, serialised or logged by accident: every way of turning it into
 * text gives a mask, and the one way to read it, `reveal`, is easy to find in a review.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The text itself: for the one line that puts it into a key or on the wire. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [Symbol.toPrimitive](): string {
    return MASK;
  }

  [inspect.custom](): string {
    return MASK;
  }
}
