const NEWLINE = 0x0a;
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

  /** Put a line behind the others; tells its bytes, without the newline, until the next one comes. */
  add(line: string): Buffer {
    this.#reserve(line.length * MAX_BYTES_OF_UNIT + 1);
    const start = this.#size;
    const end = start + this.#bytes.write(line, start);
    this.#bytes[end] = NEWLINE;
    this.#size = end + 1;
    return this.#bytes.subarray(start, end);
  }

  /** Forget all lines; what a rare large batch took is given back. */
  clear(): void {
    this.#size = 0;
    if (this.#bytes.length > KEPT_BYTES) this.#bytes = Buffer.allocUnsafeSlow(KEPT_BYTES);
  }

  #reserve(more: number): void {
    const needed = this.#size + more;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(needed * 2);
    this.#bytes.copy(larger, 0, 0, this.#size);
    this.#bytes = larger;
  }
}
