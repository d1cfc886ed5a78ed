import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Compressor,
  type CompressorOptions,
  createCompressor,
  type Original,
} from '../../../src/simulator/compression/compress-image.ts';

/** A compressor on a directory of its own, and a way to store objects for it. */
export interface Compressing extends AsyncDisposable {
  readonly compressor: Compressor;
  readonly directory: string;
  readonly cacheDirectory: string;
  /** Store bytes under a name that says nothing about them. */
  store(bytes: Buffer): Original;
}

/** The deadline is far away: the machine may be busy. */
export function startCompressing(options: Partial<CompressorOptions> = {}): Compressing {
  const directory = mkdtempSync(join(tmpdir(), 'slimgate-compression-'));
  const cacheDirectory = join(directory, 'cache');
  const limits = { deadlineMs: 60_000, ...options.limits };
  const compressor = createCompressor({ cacheDirectory, concurrency: 2, ...options, limits });
  return {
    compressor,
    directory,
    cacheDirectory,
    store(bytes) {
      const contentSha256 = createHash('sha256').update(bytes).digest('hex');
      const path = join(directory, `${contentSha256}.object`);
      writeFileSync(path, bytes);
      return { path, contentSha256, bytes: bytes.length };
    },
    async [Symbol.asyncDispose]() {
      await compressor.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
