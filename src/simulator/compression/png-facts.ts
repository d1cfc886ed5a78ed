import { type PictureFacts, readingTorn } from './picture-facts.ts';
import { pngChunks } from './png-chunks.ts';
import { OriginalServed } from './slim-result.ts';

/** @throws OriginalServed; an animated PNG is not covered: its frames would be lost */
export function pngFacts(bytes: Buffer): PictureFacts {
  return readingTorn(() => {
    const chunks = [...pngChunks(bytes)];
    const [header] = chunks;
    if (header?.type !== 'IHDR') throw new OriginalServed('corrupt');
    if (chunks.some(({ type }) => type === 'acTL')) throw new OriginalServed('format-not-covered');
    return {
      width: header.bytes.readUInt32BE(8),
      height: header.bytes.readUInt32BE(12),
      frames: 1,
      endsAt: chunks.at(-1)?.endsAt ?? 0,
    };
  });
}
