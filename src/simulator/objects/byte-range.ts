import { CloudError } from '../cloud-errors.ts';

/** A part of a content. */
export interface ByteRange {
  readonly start: number;
  readonly bytes: number;
}

/**
 * The part that a Range header asks for; null for all of it, which is also the answer to a header
 * that can't be read and to one that asks for several parts.
 * Source: RFC 9110, 14.1.2 and 14.2; COS documentation, "GET Object", Range.
 * @param size of what the range is of, in bytes
 * @throws CloudError `InvalidRange`
 */
export function readRange(header: string | undefined, size: number): ByteRange | null {
  const [, first, last] = /^bytes=([0-9]{1,15})?-([0-9]{1,15})?$/.exec(header ?? '') ?? [];
  if (first === undefined && last === undefined) return null;
  if (first === undefined) return checked(size - Number(last), Number(last), size);
  const end = last === undefined ? size - 1 : Number(last);
  if (end < Number(first) && last !== undefined) return null;
  return checked(Number(first), end - Number(first) + 1, size);
}

/** `Content-Range` of a part. */
export function contentRange({ start, bytes }: ByteRange, size: number): string {
  return `bytes ${start}-${start + bytes - 1}/${size}`;
}

/** What reaches over an end is cut there; where nothing is left, there is nothing to answer. */
function checked(start: number, bytes: number, size: number): ByteRange {
  const from = Math.max(start, 0);
  const left = Math.min(start + bytes, size) - from;
  if (left > 0) return { start: from, bytes: left };
  const headers = { 'Content-Range': `bytes */${size}` };
  throw new CloudError('InvalidRange', undefined, { headers });
}
