import { createHash } from 'node:crypto';
import { CloudError } from './cloud-errors.ts';

/** What is known of bytes that went by; the digests are of all of them only at the end. */
export interface Measure {
  readonly bytes: number;
  /** In hex. */
  readonly md5: string;
  /** In hex. */
  readonly sha256: string;
}

/** Bytes that arrive: read once, measured on the way, never held as a whole unless asked to. */
export interface MeasuredBytes {
  /** What has not been read yet. @throws CloudError `IncompleteBody` when it ends too early */
  chunks(): AsyncGenerator<Buffer, void, undefined>;
  /**
   * Read to the end and hold it.
   * @throws CloudError `EntityTooLarge` beyond `SMALL_BODY_BYTES`, after having read it all;
   * `IncompleteBody`
   */
  whole(): Promise<Buffer>;
  /** Read the rest and forget it; a client that is still sending can't hear an answer. */
  drain(): Promise<void>;
  /** The first `SMALL_BODY_BYTES` of what has been read. */
  beginning(): Buffer;
  /** Of what has been read. */
  measure(): Measure;
}

/** Source: COS documentation, "Error Codes", for its existence; the number is ours. */
export const SMALL_BODY_BYTES = 64 * 1024;

/** Measure a source while it is read; leaving it early doesn't close it. */
export function measuredBytes(source: AsyncIterable<Buffer>): MeasuredBytes {
  const iterator = source[Symbol.asyncIterator]();
  const meter = createMeter();

  async function* chunks(): AsyncGenerator<Buffer, void, undefined> {
    for (;;) {
      const step = await iterator.next().catch(() => null);
      if (step === null) throw new CloudError('IncompleteBody');
      if (step.done) return;
      meter.take(step.value);
      yield step.value;
    }
  }

  async function drain(): Promise<void> {
    for await (const _ of chunks());
  }

  async function whole(): Promise<Buffer> {
    await drain();
    if (meter.measure().bytes > SMALL_BODY_BYTES) throw new CloudError('EntityTooLarge');
    return meter.beginning();
  }

  return { chunks, drain, whole, beginning: meter.beginning, measure: meter.measure };
}

/** For a request that has no body. */
export async function* noBytes(): AsyncGenerator<Buffer, void, undefined> {}

function createMeter() {
  const md5 = createHash('md5');
  const sha256 = createHash('sha256');
  const kept: Buffer[] = [];
  let bytes = 0;
  return {
    take(chunk: Buffer) {
      if (bytes < SMALL_BODY_BYTES) kept.push(chunk.subarray(0, SMALL_BODY_BYTES - bytes));
      bytes += chunk.length;
      md5.update(chunk);
      sha256.update(chunk);
    },
    beginning: () => Buffer.concat(kept),
    // Of copies: what was measured may go on.
    measure: () => ({ bytes, md5: md5.copy().digest('hex'), sha256: sha256.copy().digest('hex') }),
  };
}
