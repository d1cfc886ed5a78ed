import { OriginalServed } from './slim-result.ts';

/** What the bytes say about a picture before any decoder has touched them. */
export interface PictureFacts {
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  /** Where the picture ends; beyond it only zero bytes may follow. */
  readonly endsAt: number;
}

/**
 * Run a reader of untrusted bytes: reading past their end means that they are torn.
 * @throws OriginalServed `corrupt` in place of a RangeError
 */
export function readingTorn<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) throw new OriginalServed('corrupt');
    throw error;
  }
}
