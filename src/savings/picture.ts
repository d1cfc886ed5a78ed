/** How files of the three formats begin. Source: their specifications. */
const BEGINNINGS: readonly Buffer[] = [
  Buffer.from([0xff, 0xd8, 0xff]),
  Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
  Buffer.from('GIF87a', 'latin1'),
  Buffer.from('GIF89a', 'latin1'),
  // What a compressed picture may be sent as, too: WebP, in a RIFF file.
  Buffer.from('RIFF', 'latin1'),
];

/** Whether the first bytes are those of a picture that smart compression may be about. */
export function isPicture(head: Buffer): boolean {
  return BEGINNINGS.some((bytes) => head.subarray(0, bytes.length).equals(bytes));
}
