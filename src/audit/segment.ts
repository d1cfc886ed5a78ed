import { type BigIntStats, constants, statSync } from 'node:fs';
import { type FileHandle, open, rename, stat } from 'node:fs/promises';

/** The names of segment files, which sort as their numbers do. */
export const SEGMENT_NAME = /^segment-\d{8}\.jsonl$/;

/** The file name of a segment; the first one is number 1. */
export function segmentName(number: number): string {
  return `segment-${String(number).padStart(8, '0')}.jsonl`;
}

/** The number of a segment by its file name; 0 for another name. */
export function numberOf(name: string): number {
  return SEGMENT_NAME.test(name) ? Number(name.slice(-14, -6)) : 0;
}

/** Make new, renamed and removed names in a directory durable. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** What the journal asks of an open segment file. */
export interface SegmentFile extends Pick<FileHandle, 'stat' | 'sync' | 'truncate' | 'close'> {
  /** Write what stands behind an offset of the bytes, at the file's end; tells how many bytes are durable. */
  append(bytes: Buffer, offset: number): Promise<number>;
}
/** Opens a segment file that exists. */
export type OpenSegmentFile = (path: string) => Promise<SegmentFile>;

/**
 * On Linux a write to a file that is opened so returns when its data is synced: one turn of the
 * thread pool in place of two. Elsewhere it may have come no further than the drive's cache.
 */
const WRITE_SYNCS = process.platform === 'linux' ? constants.O_DSYNC : 0;

/** Opens what is there and never makes a file: an empty one must not stand in for a lost one. */
export const openSegmentFile: OpenSegmentFile = async (path) => {
  const file = await open(path, constants.O_WRONLY | constants.O_APPEND | WRITE_SYNCS);
  return {
    stat: file.stat.bind(file),
    sync: file.sync.bind(file),
    truncate: file.truncate.bind(file),
    close: file.close.bind(file),
    async append(bytes, offset) {
      const { bytesWritten } = await file.write(bytes, offset);
      if (WRITE_SYNCS === 0) await file.datasync();
      return bytesWritten;
    },
  };
};

/** The segment is not, or no longer, the file that the journal knows. */
class SegmentError extends Error {
  override readonly name = 'SegmentError';
}

type Identity = Pick<BigIntStats, 'dev' | 'ino'>;

interface SegmentOptions {
  readonly path: string;
  /** Bytes that are known to be durable: the file's size when it is opened. */
  readonly size: number;
  readonly openFile: OpenSegmentFile;
}

/** One segment of the journal, open for appending. Its methods must not overlap. */
export class Segment {
  #path: string;
  readonly #openFile: OpenSegmentFile;
  readonly #identity: Identity;
  #file: SegmentFile;
  #durableBytes: number;
  /** Bytes behind the durable ones that a failed append may have left. */
  #doubtfulBytes = 0;

  private constructor(options: SegmentOptions, file: SegmentFile, identity: Identity) {
    this.#path = options.path;
    this.#openFile = options.openFile;
    this.#file = file;
    this.#identity = identity;
    this.#durableBytes = options.size;
  }

  /** Open a segment that exists; it is known by its device and inode from now on. */
  static async open(options: SegmentOptions): Promise<Segment> {
    const file = await options.openFile(options.path);
    return new Segment(options, file, await file.stat({ bigint: true }));
  }

  /** Bytes that are known to be durable. */
  get size(): number {
    return this.#durableBytes;
  }

  /**
   * Rename the file; where another one stands already, nothing is done.
   * @throws SegmentError or the file system's error
   */
  async moveTo(path: string): Promise<void> {
    const isTaken = await stat(path).then(
      () => true,
      () => false,
    );
    if (isTaken) throw new SegmentError('a file stands in the place of the next segment');
    await rename(this.#path, path);
    this.#path = path;
  }

  /**
   * Write behind the last durable byte and sync; when it rejects, nothing of it counts.
   * @throws SegmentError or the file system's error
   */
  async append(bytes: Buffer): Promise<void> {
    this.#doubtfulBytes = bytes.length;
    for (let written = 0; written < bytes.length; ) {
      const taken = await this.#file.append(bytes, written);
      if (taken === 0) throw new SegmentError('the file system took no bytes');
      written += taken;
    }
    this.#durableBytes += bytes.length;
    this.#doubtfulBytes = 0;
  }

  /**
   * Look whether the open file is still the one at the path and as long as it was left: somebody
   * may have moved, replaced, cut or written it. It waits for no disk, because of an open file the
   * kernel has all of this in memory: through the thread pool it would cost ten times as much.
   * @throws SegmentError
   */
  verifyPlace(): void {
    const size = this.#sizeOf([statAt(this.#path)]);
    if (size !== this.#durableBytes) {
      throw new SegmentError(`the segment has ${size} bytes in place of ${this.#durableBytes}`);
    }
  }

  /**
   * After a failure: open the same file anew and cut it back to the last durable byte. After a
   * failed sync the page cache may hold what the disk does not, so nothing behind is kept.
   * @throws SegmentError or the file system's error; it may be called again
   */
  async restore(): Promise<void> {
    const file = await this.#openFile(this.#path);
    try {
      const size = this.#sizeOf([statAt(this.#path), await file.stat({ bigint: true })]);
      const longest = this.#durableBytes + this.#doubtfulBytes;
      if (size < this.#durableBytes || size > longest) {
        throw new SegmentError(
          `the segment has ${size} bytes, not ${this.#durableBytes} to ${longest}`,
        );
      }
      await file.truncate(this.#durableBytes);
      await file.sync();
    } catch (error) {
      await file.close();
      throw error;
    }
    const old = this.#file;
    [this.#file, this.#doubtfulBytes] = [file, 0];
    await old.close().catch(() => undefined);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  /** The size of the file that was opened first: what was looked at must be that. */
  #sizeOf(looks: readonly [BigIntStats, ...BigIntStats[]]): number {
    for (const { dev, ino } of looks) {
      if (dev !== this.#identity.dev || ino !== this.#identity.ino) {
        throw new SegmentError('another file stands in the place of the segment');
      }
    }
    return Number(looks[0].size);
  }
}

function statAt(path: string): BigIntStats {
  try {
    return statSync(path, { bigint: true });
  } catch (cause) {
    throw new SegmentError('the segment is no longer at its path', { cause });
  }
}
