import { readFile } from 'node:fs/promises';
import { CloudError, type CloudErrorCode } from '../cloud-errors.ts';
import { DEFAULT_LIMITS } from '../compression/limits.ts';
import { formatOf, readFacts } from '../compression/read-facts.ts';
import {
  type OriginalReason,
  OriginalServed,
  type SlimFormat,
} from '../compression/slim-result.ts';
import type { CloudState } from '../operation.ts';
import { copyContent, type ReceivedContent } from './receive-content.ts';

/** What a picture's own bytes say about it. */
export interface PictureInfo {
  readonly format: SlimFormat;
  readonly width: number;
  readonly height: number;
}

/** A picture that was made, or taken as it was because nothing smaller looks the same. */
export interface ProcessedPicture {
  readonly content: ReceivedContent;
  readonly contentType: string;
}

/** Source: COS documentation, "Error Codes"; that a reason has its code is our assumption. */
const CODE_OF_REASON: Readonly<Partial<Record<OriginalReason, CloudErrorCode>>> = {
  'not-an-image': 'InvalidImageFormat',
  corrupt: 'InvalidImageFormat',
  'too-large': 'ImageTooLarge',
};

const TYPE_OF_FORMAT: Readonly<Record<SlimFormat, string>> = {
  jpg: 'image/jpeg',
  png: 'image/png',
  gif: 'image/gif',
};

/** @throws CloudError `ImageTooLarge`, `InvalidImageFormat` */
export async function readPicture({ path, bytes }: { path: string; bytes: number }) {
  if (bytes > DEFAULT_LIMITS.maxBytes) throw new CloudError('ImageTooLarge');
  const content = await readFile(path);
  try {
    const format = formatOf(content);
    const { width, height } = readFacts(content, format, DEFAULT_LIMITS);
    return { format, width, height } satisfies PictureInfo;
  } catch (error) {
    if (!(error instanceof OriginalServed)) throw error;
    throw new CloudError(CODE_OF_REASON[error.reason] ?? 'InvalidImageFormat');
  }
}

/**
 * Compress a picture into a content of its own.
 * @throws CloudError `ImageTooLarge`, `InvalidImageFormat`
 */
export async function compressPicture(
  { objects, compressor }: CloudState,
  original: Pick<ReceivedContent, 'path' | 'bytes' | 'sha256'>,
  { format }: PictureInfo,
): Promise<ProcessedPicture> {
  const { path, bytes, sha256: contentSha256 } = original;
  const result = await compressor.compress({ path, bytes, contentSha256 });
  const code = result.kind === 'original' ? CODE_OF_REASON[result.reason] : undefined;
  if (code !== undefined) throw new CloudError(code);
  const [source, contentType] =
    result.kind === 'original' ? [path, TYPE_OF_FORMAT[format]] : [result.path, result.contentType];
  return { content: await copyContent(objects, source), contentType };
}
