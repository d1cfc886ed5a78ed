import { promisify } from 'node:util';
import { constants, zstdCompressSync, zstdDecompress } from 'node:zlib';

// Lines of the journal as the index keeps them: many behind each other, compressed.

const FAST = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
const LINE_FEED = 10;
/** Kept from one compression to the next; what a rare longer one takes is given back. */
const KEPT_BYTES = 512 * 1024;

/**
 * Compresses lines, without their newlines. They are gathered in one piece of memory that is used
 * again and again: bytes outside of the heap are only given back when a collection comes round.
 */
export function lineCompressor(): (lines: readonly Uint8Array[]) => Uint8Array {
  const kept = Buffer.allocUnsafeSlow(KEPT_BYTES);
  return function compressed(lines) {
    const size = lines.reduce((sum, { length }) => sum + length + 1, 0);
    const bytes = size > KEPT_BYTES ? Buffer.allocUnsafeSlow(size) : kept;
    let end = 0;
    for (const line of lines) {
      bytes.set(line, end);
      end += line.length + 1;
      bytes[end - 1] = LINE_FEED;
    }
    // The last line has none behind it.
    return zstdCompressSync(bytes.subarray(0, size - 1), FAST);
  };
}

/** Source: RFC 8878, section 3.1.1. */
const ZSTANDARD = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

const decompress = promisify(zstdDecompress);

/** The texts of kept lines; those of an index from before may stand there as they are. */
export async function textsOf(lines: Uint8Array): Promise<string[]> {
  const isCompressed = ZSTANDARD.equals(lines.subarray(0, ZSTANDARD.length));
  const bytes = isCompressed ? await decompress(lines) : Buffer.from(lines);
  return bytes.toString().split('\n');
}
