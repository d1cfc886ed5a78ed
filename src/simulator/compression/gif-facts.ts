import { type PictureFacts, readingTorn } from './picture-facts.ts';
import { OriginalServed } from './slim-result.ts';

/** What a GIF says about its course in time. */
export interface GifFacts extends PictureFacts {
  /** Where each frame's delay stands, two bytes in hundredths of a second; null without one. */
  readonly delayOffsets: readonly (number | null)[];
  /** Where the number of repetitions stands, two bytes; null when it is shown once. */
  readonly loopOffset: number | null;
}

interface Draft {
  readonly screen: { readonly width: number; readonly height: number };
  readonly delayOffsets: (number | null)[];
  pendingDelay: number | null;
  loopOffset: number | null;
}

const IMAGE = 0x2c;
const EXTENSION = 0x21;
const TRAILER = 0x3b;
const GRAPHIC_CONTROL = 0xf9;
const APPLICATION = 0xff;

/**
 * Source: GIF89a specification; the repetitions are the Netscape 2.0 application extension.
 * @throws OriginalServed
 */
export function gifFacts(bytes: Buffer): GifFacts {
  return readingTorn(() => {
    const screen = { width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) };
    const draft: Draft = { screen, delayOffsets: [], pendingDelay: null, loopOffset: null };
    let at = 13 + tableBytes(bytes.readUInt8(10));
    for (let block = bytes.readUInt8(at); block !== TRAILER; block = bytes.readUInt8(at)) {
      const read = BLOCKS[block];
      if (read === undefined) throw new OriginalServed('corrupt');
      at = read(bytes, at, draft);
    }
    const { delayOffsets, loopOffset } = draft;
    return { ...screen, frames: delayOffsets.length, endsAt: at + 1, delayOffsets, loopOffset };
  });
}

/** Each reads the block that starts at `at` and returns where the next one starts. */
const BLOCKS: Readonly<Record<number, (bytes: Buffer, at: number, draft: Draft) => number>> = {
  [IMAGE]: (bytes, at, draft) => {
    const right = bytes.readUInt16LE(at + 1) + bytes.readUInt16LE(at + 5);
    const bottom = bytes.readUInt16LE(at + 3) + bytes.readUInt16LE(at + 7);
    // Decoders disagree about a frame that stands out of the screen.
    if (right > draft.screen.width || bottom > draft.screen.height) {
      throw new OriginalServed('format-not-covered');
    }
    draft.delayOffsets.push(draft.pendingDelay);
    draft.pendingDelay = null;
    return skipSubBlocks(bytes, at + 11 + tableBytes(bytes.readUInt8(at + 9)));
  },
  [EXTENSION]: (bytes, at, draft) => {
    const label = bytes.readUInt8(at + 1);
    if (label === GRAPHIC_CONTROL) draft.pendingDelay = at + 4;
    const isLoop =
      label === APPLICATION && bytes.toString('latin1', at + 3, at + 14) === 'NETSCAPE2.0';
    if (isLoop && bytes.readUInt8(at + 15) === 1) draft.loopOffset = at + 16;
    return skipSubBlocks(bytes, at + 2);
  },
};

/** The bytes of a colour table by the packed field that announces it. */
function tableBytes(packed: number): number {
  return (packed & 0x80) === 0 ? 0 : 3 * 2 ** ((packed & 7) + 1);
}

function skipSubBlocks(bytes: Buffer, from: number): number {
  let at = from;
  for (let length = bytes.readUInt8(at); length > 0; length = bytes.readUInt8(at)) {
    at += length + 1;
  }
  return at + 1;
}
