import { open, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { createEncoder } from './encoder.ts';
import type { EncoderLoss, EncoderReport } from './encoder-order.ts';
import { type CompressionLimits, DEFAULT_LIMITS } from './limits.ts';
import { formatOf, MAGIC_BYTES } from './read-facts.ts';
import { openSlimCache } from './slim-cache.ts';
import { OriginalServed, type SlimResult } from './slim-result.ts';
import { createTurns } from './turns.ts';

export type { SlimFormat, SlimResult } from './slim-result.ts';

/** A stored object: its file, the SHA-256 of its content in lower-case hex, and its size. */
export interface Original {
  readonly path: string;
  readonly contentSha256: string;
  readonly bytes: number;
}

/** Makes images smaller that still look the same; see docs/compression.md. */
export interface Compressor {
  /**
   * Asked again for the same content, the same file is the answer; asked at the same time, the work
   * is done once. A picture waits for its turn as long as it takes: see `status`.
   * @throws Error when the original cannot be read, the cache cannot be written, or the compressor
   *   is closed; no picture makes it throw
   */
  compress(original: Original): Promise<SlimResult>;
  /** End what runs, and refuse what waits. */
  close(): Promise<void>;
  status(): { running: number; waiting: number; cached: number };
}

export interface CompressorOptions {
  /** Made when it is missing; nothing in it is ever removed. */
  readonly cacheDirectory: string;
  /** Pictures at the same time, each in a process of its own; all cores but one by default, at most 4. */
  readonly concurrency?: number;
  readonly limits?: Partial<CompressionLimits>;
}

const MAX_DEFAULT_CONCURRENCY = 4;
/** How many pictures are remembered on which a process was lost. */
const MAX_LOSSES = 1000;
const SHA256_HEX = /^[0-9a-f]{64}$/;

/** The encoder processes, and with them the image library, are started with the first picture. */
export function createCompressor(options: CompressorOptions): Compressor {
  const limits: CompressionLimits = { ...DEFAULT_LIMITS, ...options.limits };
  const concurrency =
    options.concurrency ??
    Math.min(MAX_DEFAULT_CONCURRENCY, Math.max(1, availableParallelism() - 1));
  const encoders = Array.from({ length: concurrency }, createEncoder);
  const turns = createTurns(encoders);
  const cache = openSlimCache(options.cacheDirectory);
  const inFlight = new Map<string, Promise<SlimResult>>();
  // In memory only: the machine may have been busy, and the next start may try again.
  const losses = new Map<string, SlimResult>();
  let isClosed = false;

  function compress(original: Original): Promise<SlimResult> {
    const { contentSha256 } = original;
    const pending = inFlight.get(contentSha256);
    if (pending !== undefined) return pending;
    const result = compressOnce(original).finally(() => inFlight.delete(contentSha256));
    inFlight.set(contentSha256, result);
    return result;
  }

  async function compressOnce(original: Original): Promise<SlimResult> {
    const { contentSha256 } = original;
    if (!SHA256_HEX.test(contentSha256)) throw new RangeError('not a SHA-256 in lower-case hex');
    refuseWhenClosed();
    const known = losses.get(contentSha256) ?? (await cache.find(contentSha256));
    if (known !== null) return known;
    const refusal = await refusalOf(original, limits);
    if (refusal !== null) return refusal;
    return turns.take((encoder) => {
      refuseWhenClosed();
      const target = cache.newFile();
      return encoder
        .encode({ path: original.path, contentSha256, target, limits })
        .then((report) => settle({ report, target, contentSha256 }));
    });
  }

  async function settle({ report, target, contentSha256 }: Encoded): Promise<SlimResult> {
    if (report.kind === 'compressed') {
      return cache.keep(target, { contentSha256, format: report.format });
    }
    await rm(target, { force: true });
    refuseWhenClosed();
    if (report.kind === 'failed') throw new Error(`compression failed: ${report.message}`);
    const { reason } = report;
    if (report.kind === 'original') {
      // Limits may be others next time, and are looked at in no time.
      const isFinal = reason !== 'too-large';
      return isFinal ? cache.keepOriginal(contentSha256, reason) : { kind: 'original', reason };
    }
    if (losses.size >= MAX_LOSSES) losses.clear();
    const result: SlimResult = { kind: 'original', reason };
    losses.set(contentSha256, result);
    return result;
  }

  function refuseWhenClosed(): void {
    if (isClosed) throw new Error('the compressor is closed');
  }

  async function close(): Promise<void> {
    isClosed = true;
    await Promise.all(encoders.map((encoder) => encoder.end()));
    await Promise.allSettled(inFlight.values());
  }

  function status() {
    return { running: turns.running(), waiting: turns.waiting(), cached: cache.count() };
  }

  return { compress, close, status };
}

interface Encoded {
  readonly report: EncoderReport | EncoderLoss;
  readonly target: string;
  readonly contentSha256: string;
}

/** What can be said without a decoder is said here: it costs one small read. */
async function refusalOf(
  { path, bytes }: Original,
  { maxBytes }: CompressionLimits,
): Promise<SlimResult | null> {
  await using file = await open(path);
  const { size } = await file.stat();
  if (Math.max(size, bytes) > maxBytes) return { kind: 'original', reason: 'too-large' };
  const start = Buffer.alloc(MAGIC_BYTES);
  const { bytesRead } = await file.read(start, 0, MAGIC_BYTES, 0);
  try {
    formatOf(start.subarray(0, bytesRead));
    return null;
  } catch (error) {
    if (error instanceof OriginalServed) return { kind: 'original', reason: error.reason };
    throw error;
  }
}
