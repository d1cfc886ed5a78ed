import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { type OpenSegmentFile, Segment, segmentName, syncDirectory } from './segment.ts';

/** A segment that does not stand at its place yet: nothing in it counts. */
export const UNFINISHED_SEGMENT = 'segment.unfinished';

/** When a segment is long or old enough to be followed by another. */
export interface RotationSettings {
  readonly segmentBytes: number;
  readonly segmentHours: number;
}

/** The last segment of a journal, as it is found. */
export interface LastSegment {
  readonly number: number;
  readonly size: number;
  readonly openedAt: Date;
}

interface SeriesOptions extends RotationSettings {
  readonly directory: string;
  readonly last: LastSegment;
  readonly openFile: OpenSegmentFile;
}

const HOUR_MS = 3_600_000;

/** The segments of a journal: all are sealed but the last, which is open for appending. */
export class SegmentSeries {
  readonly #options: SeriesOptions;
  #current: Segment;
  #number: number;
  #openedAt: Date;
  /** The segment before, until the new one's name is durable. */
  #superseded: Segment | null = null;

  private constructor(options: SeriesOptions, current: Segment) {
    this.#options = options;
    this.#current = current;
    this.#number = options.last.number;
    this.#openedAt = options.last.openedAt;
  }

  static async open(options: SeriesOptions): Promise<SegmentSeries> {
    const { directory, last, openFile } = options;
    const path = join(directory, segmentName(last.number));
    return new SegmentSeries(options, await Segment.open({ path, size: last.size, openFile }));
  }

  get nextNumber(): number {
    return this.#number + 1;
  }

  /** Whether the last segment has its measure once `more` bytes stand in it. */
  isFull(more: number, at: Date): boolean {
    const { segmentBytes, segmentHours } = this.#options;
    const ageMs = at.getTime() - this.#openedAt.getTime();
    return this.#current.size + more >= segmentBytes || ageMs >= segmentHours * HOUR_MS;
  }

  append(bytes: Buffer): Promise<void> {
    return this.#current.append(bytes);
  }

  verifyPlace(): void {
    this.#current.verifyPlace();
  }

  async restore(): Promise<void> {
    await this.settle();
    await this.#current.restore();
  }

  async close(): Promise<void> {
    await this.#superseded?.close();
    await this.#current.close();
  }

  /**
   * Begin the next segment with its first line. When it rejects, the last segment is the one it
   * was. Killed at any point, either the new segment is there with its whole first line, or not.
   */
  async begin(firstLine: Buffer, at: Date): Promise<void> {
    const { directory, openFile } = this.#options;
    const unfinished = join(directory, UNFINISHED_SEGMENT);
    await writeDurably(unfinished, firstLine);
    const next = await Segment.open({ path: unfinished, size: firstLine.length, openFile });
    try {
      await next.moveTo(join(directory, segmentName(this.nextNumber)));
    } catch (error) {
      await next.close();
      throw error;
    }
    this.#superseded = this.#current;
    this.#current = next;
    this.#number += 1;
    this.#openedAt = at;
  }

  /** Make the name of a segment that was begun durable: before that nothing is written into it. */
  async settle(): Promise<void> {
    if (this.#superseded === null) return;
    await syncDirectory(this.#options.directory);
    const old = this.#superseded;
    this.#superseded = null;
    await old.close().catch(() => undefined);
  }
}

/** Write a file of its owner's alone, in place of one that a kill may have left. */
export async function writeDurably(path: string, bytes: Buffer): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}
