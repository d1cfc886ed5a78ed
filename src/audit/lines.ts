import { createReadStream } from 'node:fs';
import { MAX_LINE_BYTES } from './chain.ts';

/** One line of a segment. */
export interface Line {
  /** Counted from 1. */
  readonly number: number;
  /** Where it starts in the file and where the next one does, in bytes. */
  readonly start: number;
  readonly end: number;
  /** Without the newline; null when it has none or is too long to be a record. */
  readonly bytes: Buffer | null;
}

const NEWLINE = 10;
const CHUNK_BYTES = 1024 * 1024;

/**
 * Read a file line by line.
 * @param start where the first line to read starts; lines are counted from there
 */
export async function* readLines(path: string, start = 0): AsyncGenerator<Line, void, void> {
  for await (const run of readLineRuns(path, start)) yield* run;
}

/**
 * Read a file in runs of lines, as its chunks come, holding no more than one line and one chunk in
 * memory: for who reads much, since a turn of the event loop for each line would be most of the time.
 */
export async function* readLineRuns(path: string, start = 0): AsyncGenerator<Line[], void, void> {
  const splitter = new LineSplitter(start);
  const chunks: AsyncIterable<Buffer> = createReadStream(path, {
    start,
    highWaterMark: CHUNK_BYTES,
  });
  for await (const chunk of chunks) yield splitter.split(chunk);
  yield splitter.end();
}

/** Cuts chunks into lines. */
class LineSplitter {
  #number = 0;
  #start: number;
  /** The beginning of a line whose end has not come yet; without its pieces when it is too long. */
  #pieces: Buffer[] = [];
  #length = 0;

  constructor(start: number) {
    this.#start = start;
  }

  split(chunk: Buffer): Line[] {
    const lines: Line[] = [];
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
      this.#hold(chunk.subarray(from, at));
      lines.push(this.#take(true));
      from = at + 1;
    }
    this.#hold(chunk.subarray(from));
    return lines;
  }

  end(): Line[] {
    return this.#length > 0 ? [this.#take(false)] : [];
  }

  #hold(piece: Buffer): void {
    this.#length += piece.length;
    if (this.#length > MAX_LINE_BYTES) this.#pieces = [];
    else if (piece.length > 0) this.#pieces.push(piece);
  }

  #take(isEnded: boolean): Line {
    const isRecord = isEnded && this.#length <= MAX_LINE_BYTES;
    const bytes = isRecord ? joined(this.#pieces) : null;
    const start = this.#start;
    const end = start + this.#length + (isEnded ? 1 : 0);
    this.#number += 1;
    [this.#start, this.#pieces, this.#length] = [end, [], 0];
    return { number: this.#number, start, end, bytes };
  }
}

function joined(pieces: readonly Buffer[]): Buffer {
  const [first, ...rest] = pieces;
  return first !== undefined && rest.length === 0 ? first : Buffer.concat(pieces);
}
