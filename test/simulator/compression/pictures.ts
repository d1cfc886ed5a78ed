import { deflateSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import { photograph, SCENES } from '../../../bench/compression/scenes.ts';
import { pngChunk, withChunks } from '../../../src/simulator/compression/png-chunks.ts';

const WIDTH = 240;
const HEIGHT = 160;

/** A photograph-like picture, of 240 × 160 pixels unless it is to be larger. */
export async function photo(times = 1): Promise<Sharp> {
  const scene = SCENES.flowers;
  if (scene === undefined) throw new RangeError('no such scene');
  const size = { width: WIDTH * times, height: HEIGHT * times };
  const { pixels } = await photograph({ ...scene, ...size });
  return sharp(pixels, { raw: { ...size, channels: 3 } });
}

export const svg = (body: string, width = WIDTH, height = HEIGHT) =>
  Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif">${body}</svg>`,
  );

const LINES = ['PUT /?image-slim HTTP/1.1', 'Host: examplebucket', '<SlimMode>Auto,API</SlimMode>'];

/** A window with text, a bar, and icons in strong colours. */
export function screen(background = '#ffffff'): Buffer {
  const text = LINES.map(
    (line, row) =>
      `<text x="12" y="${50 + 22 * row}" font-size="13">${line.replaceAll('<', '&lt;')}</text>`,
  ).join('');
  return svg(`<rect width="100%" height="100%" fill="${background}"/>
    <rect width="100%" height="26" fill="#2b579a"/><text x="8" y="18" fill="#fff" font-size="13">Slimgate</text>
    <circle cx="200" cy="13" r="7" fill="#ffd400"/><circle cx="222" cy="13" r="7" fill="#e8402a"/>
    ${text}<rect x="12" y="120" width="90" height="24" rx="4" fill="#0a8f3c"/>`);
}

/** A soft shadow and a half-transparent circle on nothing. */
const badge =
  svg(`<defs><radialGradient id="g"><stop offset="0" stop-color="#f40" stop-opacity="1"/>
  <stop offset="1" stop-color="#04f" stop-opacity="0"/></radialGradient></defs>
  <circle cx="120" cy="80" r="75" fill="url(#g)"/><text x="70" y="90" font-size="32" fill="#222">badge</text>`);

const frame = (step: number) =>
  svg(`<linearGradient id="g"><stop stop-color="#9cf"/><stop offset="1" stop-color="#036"/></linearGradient>
    <rect y="${20 * step}" width="240" height="40" fill="url(#g)"/><circle cx="${30 + 25 * step}" cy="60" r="24" fill="hsl(${40 * step} 90% 50%)"/>
    <text x="10" y="140" font-size="20" fill="#333">frame ${step}</text>`);

export const DELAYS = [40, 100, 20, 500, 70, 0];

export async function animation(loop = 3, delay = DELAYS): Promise<Buffer> {
  const frames = await Promise.all(delay.map((_, step) => sharp(frame(step)).png().toBuffer()));
  return sharp(frames, { join: { animated: true } })
    .gif({ loop, delay, effort: 1, keepDuplicateFrames: true })
    .toBuffer();
}

/** As cameras write them: high quality, colour at full size. */
const CAMERA = { quality: 96, chromaSubsampling: '4:4:4' } as const;

async function sixteenBit(): Promise<Buffer> {
  return sharp(screen())
    .removeAlpha()
    .toColourspace('rgb16')
    .png({ compressionLevel: 3 })
    .toBuffer();
}

/** A PNG that says by a gamma of one, without a profile, that its numbers are linear light. */
async function linearLight(): Promise<Buffer> {
  const png = await sharp(screen()).removeAlpha().png({ compressionLevel: 1 }).toBuffer();
  return withChunks(png, [pngChunk('gAMA', Buffer.from([0, 1, 0x86, 0xa0]))]);
}

/** A PNG whose profile is sRGB by another name. */
async function taggedSrgb(): Promise<Buffer> {
  const { icc } = await sharp(
    await sharp(screen()).withIccProfile('srgb').png().toBuffer(),
  ).metadata();
  const png = await sharp(screen()).removeAlpha().png({ compressionLevel: 1 }).toBuffer();
  const content = Buffer.concat([
    Buffer.from('x\0\0', 'latin1'),
    deflateSync(icc ?? Buffer.alloc(0)),
  ]);
  return withChunks(png, [pngChunk('iCCP', content)]);
}

/** Pictures of every kind that is covered; each can be made smaller. */
export const PICTURES: Readonly<Record<string, () => Promise<Buffer>>> = {
  'camera JPEG': async () => (await photo()).jpeg(CAMERA).toBuffer(),
  'progressive JPEG': async () => (await photo()).jpeg({ ...CAMERA, progressive: true }).toBuffer(),
  'grey JPEG': async () => (await photo()).toColourspace('b-w').jpeg(CAMERA).toBuffer(),
  'CMYK JPEG': async () => (await photo()).toColourspace('cmyk').jpeg(CAMERA).toBuffer(),
  'CMYK JPEG with a profile': async () =>
    (await photo(2)).withIccProfile('cmyk').jpeg(CAMERA).toBuffer(),
  'JPEG in Display P3': async () => (await photo()).withIccProfile('p3').jpeg(CAMERA).toBuffer(),
  'JPEG turned by EXIF': async () =>
    (await photo()).withMetadata({ orientation: 6 }).jpeg(CAMERA).toBuffer(),
  'JPEG of a screen': async () => sharp(screen()).flatten().jpeg(CAMERA).toBuffer(),
  'PNG of a screen': async () => sharp(screen()).png({ compressionLevel: 6 }).toBuffer(),
  'PNG photograph': async () => (await photo()).png({ compressionLevel: 3 }).toBuffer(),
  'PNG with transparency': async () => sharp(badge).png().toBuffer(),
  'PNG with a palette': async () => sharp(screen()).png({ palette: true, dither: 1 }).toBuffer(),
  'PNG of sixteen bits': sixteenBit,
  'grey PNG': async () =>
    sharp(screen()).toColourspace('b-w').png({ compressionLevel: 1 }).toBuffer(),
  'PNG in Display P3': async () =>
    sharp(screen('#f6e8d0')).withIccProfile('p3').png({ compressionLevel: 1 }).toBuffer(),
  'PNG of linear light': linearLight,
  'PNG tagged sRGB': taggedSrgb,
  'PNG turned by EXIF': async () =>
    sharp(screen()).withMetadata({ orientation: 8 }).png({ compressionLevel: 1 }).toBuffer(),
  'animated GIF': async () => animation(),
  'GIF of one frame': async () => (await photo()).gif({ effort: 1 }).toBuffer(),
};
