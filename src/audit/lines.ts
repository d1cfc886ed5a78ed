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

/**
 * Read a file line by line, holding no more than one line and one chunk in memory.
 * @param start where the first line to read starts; lines are counted from there
 */
export async function* readLines(path: string, start = 0): AsyncGenerator<Line, void, void> {
  let number = 0;
  let pieces: Buffer[] = [];
  let length = 0;
  const hold = (piece: Buffer) => {
    length += piece.length;
    if (length <= MAX_LINE_BYTES) pieces.push(piece);
    else pieces = [];
  };
  const take = (isEnded: boolean): Line => {
    const isRecord = isEnded && length <= MAX_LINE_BYTES;
    const end = start + length + (isEnded ? 1 : 0);
    const line = { number: ++number, start, end, bytes: isRecord ? Buffer.concat(pieces) : null };
    [start, pieces, length] = [end, [], 0];
    return line;
  };
  const chunks: AsyncIterable<Buffer> = createReadStream(path, {
    start,
    highWaterMark: MAX_LINE_BYTES,
  });
  for await (const chunk of chunks) {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
      hold(chunk.subarray(from, at));
      from = at + 1;
      yield take(true);
    }
    hold(chunk.subarray(from));
  }
  if (length > 0) yield take(false);
}
