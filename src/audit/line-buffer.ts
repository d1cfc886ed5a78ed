/** Kept from one batch to the next: a batch of a hundred callers. */
const KEPT_BYTES = 256 * 1024;
/** In UTF-8, of a UTF-16 unit. */
const MAX_BYTES_OF_UNIT = 3;

/**
 * Lines behind each other in one piece of memory that is used again and again: bytes outside of the
 * heap, once made, are only given back by a collection of the whole heap.
 */
export class LineBuffer {
  #bytes = Buffer.allocUnsafeSlow(KEPT_BYTES);
  #size = 0;

  /** Of all lines with their newlines. */
  get size(): number {
    return this.#size;
  }

  /** All lines with their newlines, until it is cleared. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#size);
  }

  /**
   * Put a line behind the others, in pieces; tells its bytes, without the newline, until the next
   * one comes. No piece ends within a surrogate pair.
   */
  add(first: string, others: readonly string[]): Buffer {
    const start = this.#size;
    this.#write(first);
    for (const piece of others) this.#write(piece);
    const line = this.#bytes.subarray(start, this.#size);
    this.#write('\n');
    return line;
  }

  /** Forget all lines; what a rare large batch took is given back. */
  clear(): void {
    this.#size = 0;
    if (this.#bytes.length > KEPT_BYTES) this.#bytes = Buffer.allocUnsafeSlow(KEPT_BYTES);
  }

  #write(piece: string): void {
    const needed = this.#size + piece.length * MAX_BYTES_OF_UNIT;
    if (needed > this.#bytes.length) this.#grow(needed);
    this.#size += this.#bytes.write(piece, this.#size);
  }

  #grow(needed: number): void {
    const larger = Buffer.allocUnsafeSlow(needed * 2);
    this.#bytes.copy(larger, 0, 0, this.#size);
    this.#bytes = larger;
  }
}
