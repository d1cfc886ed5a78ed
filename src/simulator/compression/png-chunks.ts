import { crc32 } from 'node:zlib';

/** One chunk: `bytes` has its length, type, content and CRC. */
export interface PngChunk {
  readonly type: string;
  readonly bytes: Buffer;
  readonly endsAt: number;
}

const SIGNATURE_BYTES = 8;
/** Length and type before the content, the CRC behind it. */
const FRAME_BYTES = 12;
const HEADER_ENDS_AT = SIGNATURE_BYTES + FRAME_BYTES + 13;

/**
 * The chunks up to and with IEND. Source: PNG specification (third edition), section 5.
 * @throws RangeError when the bytes end too early
 */
export function* pngChunks(bytes: Buffer): Generator<PngChunk, void, void> {
  let at = SIGNATURE_BYTES;
  for (let type = ''; type !== 'IEND'; ) {
    const endsAt = at + FRAME_BYTES + bytes.readUInt32BE(at);
    if (endsAt > bytes.length) throw new RangeError('a chunk is torn');
    type = bytes.toString('latin1', at + 4, at + 8);
    yield { type, bytes: bytes.subarray(at, endsAt), endsAt };
    at = endsAt;
  }
}

/** The whole bytes of one chunk. */
export function pngChunk(type: string, content: Buffer): Buffer {
  const checked = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const chunk = Buffer.alloc(checked.length + 8);
  chunk.writeUInt32BE(content.length);
  checked.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(checked), checked.length + 4);
  return chunk;
}

/** The same PNG with whole chunks put right behind its header. */
export function withChunks(png: Buffer, chunks: readonly Buffer[]): Buffer {
  return Buffer.concat([png.subarray(0, HEADER_ENDS_AT), ...chunks, png.subarray(HEADER_ENDS_AT)]);
}
