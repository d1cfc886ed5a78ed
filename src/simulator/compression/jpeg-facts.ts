import { type PictureFacts, readingTorn } from './picture-facts.ts';
import { OriginalServed } from './slim-result.ts';

/** Above this many scans a progressive picture is a way to burn time, not to show something. */
const MAX_SCANS = 200;

const EOI = 0xd9;
const SOS = 0xda;
const APP2 = 0xe2;
/** Baseline, extended and progressive, all Huffman-coded; what other frames say is not covered. */
const FRAMES_READ: ReadonlySet<number> = new Set([0xc0, 0xc1, 0xc2]);
/** Between 0xc0 and 0xcf, but not the start of a frame: DHT, JPG, DAC. */
const NOT_FRAMES: ReadonlySet<number> = new Set([0xc4, 0xc8, 0xcc]);

interface Draft {
  width: number;
  height: number;
  scans: number;
  isMultiPicture: boolean;
}

/**
 * Source: ITU-T T.81, annex B.
 * @throws OriginalServed
 */
export function jpegFacts(bytes: Buffer): PictureFacts {
  return readingTorn(() => {
    const draft: Draft = { width: 0, height: 0, scans: 0, isMultiPicture: false };
    const endsAt = walk(bytes, draft);
    const { width, height } = draft;
    return { width, height, frames: 1, endsAt: endOf(bytes, endsAt, draft) };
  });
}

/** @returns where the end-of-image marker ends */
function walk(bytes: Buffer, draft: Draft): number {
  let at = 2;
  for (;;) {
    if (bytes.readUInt8(at) !== 0xff) throw new OriginalServed('corrupt');
    const marker = bytes.readUInt8(at + 1);
    if (marker === EOI) return at + 2;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const next = at + 2 + bytes.readUInt16BE(at + 2);
    readSegment(bytes, { marker, at: at + 4 }, draft);
    at = marker === SOS ? endOfScan(bytes, next) : next;
  }
}

function readSegment(bytes: Buffer, { marker, at }: { marker: number; at: number }, draft: Draft) {
  if (marker === SOS) draft.scans += 1;
  if (draft.scans > MAX_SCANS) throw new OriginalServed('too-large');
  if (marker === APP2) draft.isMultiPicture ||= bytes.toString('latin1', at, at + 4) === 'MPF\0';
  if (marker < 0xc0 || marker > 0xcf || NOT_FRAMES.has(marker)) return;
  const isRead = FRAMES_READ.has(marker) && bytes.readUInt8(at) === 8;
  if (!isRead) throw new OriginalServed('format-not-covered');
  if (draft.width > 0) throw new OriginalServed('corrupt');
  draft.height = bytes.readUInt16BE(at + 1);
  draft.width = bytes.readUInt16BE(at + 3);
}

/** The next marker that is neither a stuffed byte nor a restart. */
function endOfScan(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at !== -1; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes.readUInt8(at + 1);
    if (next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return at;
  }
  throw new OriginalServed('corrupt');
}

/**
 * Cameras hang previews and notes behind the picture; losing those changes nothing that is shown.
 * Source: CIPA DC-007, "Multi-Picture Format"; `SEFT` is the end of Samsung's notes.
 */
function endOf(bytes: Buffer, endsAt: number, { isMultiPicture }: Draft): number {
  const isExpendable = isMultiPicture || bytes.toString('latin1', bytes.length - 4) === 'SEFT';
  return isExpendable ? bytes.length : endsAt;
}
