import sharp, { type JpegOptions, type Sharp } from 'sharp';
import { randomFrom } from './noise.ts';
import { photograph, SCENES, type Scene } from './scenes.ts';

export type Family = 'jpg' | 'png' | 'gif';

export interface BenchPicture {
  readonly name: string;
  readonly group: string;
  readonly family: Family;
  readonly make: () => Promise<Buffer>;
}

async function scene(name: string, change: Partial<Scene> = {}): Promise<Sharp> {
  const found = SCENES[name];
  if (found === undefined) throw new RangeError(`no scene ${name}`);
  const { pixels, width, height } = await photograph({ ...found, ...change });
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

const svg = (width: number, height: number, body: string) =>
  sharp(
    Buffer.from(
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif">${body}</svg>`,
    ),
  );

const WORDS = 'bucket object region mode suffix request policy tenant record chain seal gate'.split(
  ' ',
);

function textLines(seed: number, { rows, x, fill }: { rows: number; x: number; fill: string }) {
  const random = randomFrom(seed);
  const word = () => WORDS[Math.floor(random() * WORDS.length)] ?? '';
  const line = () => Array.from({ length: 6 + Math.floor(8 * random()) }, word).join(' ');
  return Array.from(
    { length: rows },
    (_, row) =>
      `<text x="${x}" y="${70 + 19 * row}" font-size="13" fill="${fill}">${line()}</text>`,
  ).join('');
}

const page = () =>
  svg(
    1280,
    800,
    `<rect width="100%" height="100%" fill="#fff"/><rect width="100%" height="44" fill="#1f2a44"/>
    <text x="20" y="29" fill="#fff" font-size="18">Slimgate console</text>
    <rect y="44" width="240" height="756" fill="#f3f5f9"/>${textLines(1, { rows: 30, x: 270, fill: '#223' })}
    <rect x="1040" y="100" width="180" height="42" rx="6" fill="#0a7d36"/><circle cx="1240" cy="22" r="12" fill="#ffcc00"/>
    <rect x="1040" y="170" width="180" height="42" rx="6" fill="#c62828"/>`,
  );

const terminal = () =>
  svg(
    1100,
    700,
    `<rect width="100%" height="100%" fill="#101418"/>${['#d0d6dc', '#7fd36b', '#e0a341']
      .map((fill, index) => textLines(index + 5, { rows: 11, x: 16 + 350 * index, fill }))
      .join('')}`,
  );

const chart = () => {
  const random = randomFrom(9);
  const bars = Array.from({ length: 40 }, (_, index) => {
    const height = 60 + 400 * random();
    return `<rect x="${60 + 26 * index}" y="${600 - height}" width="20" height="${height}" fill="hsl(${index * 9} 65% 50%)"/>`;
  });
  return svg(
    1200,
    680,
    `<linearGradient id="g" x2="0" y2="1"><stop stop-color="#fdfdff"/><stop offset="1" stop-color="#dde6f5"/></linearGradient>
    <rect width="100%" height="100%" fill="url(#g)"/>${bars.join('')}<text x="60" y="50" font-size="26">Bytes served per day</text>`,
  );
};

/** A window with a photograph in it: what palettes are bad at. */
async function gallery(): Promise<Sharp> {
  const photo = await (await scene('portrait', { width: 420, height: 300 })).png().toBuffer();
  return sharp(await page().png().toBuffer()).composite([{ input: photo, left: 600, top: 420 }]);
}

const lineArt = (seed: number) => {
  const random = randomFrom(seed);
  const at = () => `${Math.round(900 * random())} ${Math.round(600 * random())}`;
  const curves = Array.from({ length: 90 }, () => `<path d="M${at()} C${at()} ${at()} ${at()}"/>`);
  return svg(
    900,
    600,
    `<rect width="100%" height="100%" fill="#fff"/><g fill="none" stroke="#000" stroke-width="1.6">${curves.join('')}</g>`,
  );
};

const stickers = (seed: number) => {
  const random = randomFrom(seed);
  const shapes = Array.from({ length: 16 }, (_, index) => {
    const [x, y, r] = [640 * random(), 480 * random(), 30 + 70 * random()];
    return `<radialGradient id="g${index}"><stop stop-color="hsl(${360 * random()} 90% 55%)"/><stop offset="1" stop-color="hsl(${360 * random()} 90% 40%)" stop-opacity="${random() < 0.5 ? 0 : 1}"/></radialGradient><circle cx="${x}" cy="${y}" r="${r}" fill="url(#g${index})"/>`;
  });
  return svg(640, 480, shapes.join(''));
};

const frames = (count: number, draw: (step: number) => Sharp) =>
  Promise.all(Array.from({ length: count }, (_, step) => draw(step).png().toBuffer()));

async function animated(inputs: readonly Buffer[], dither: number): Promise<Buffer> {
  return sharp([...inputs], { join: { animated: true } })
    .gif({ delay: inputs.map(() => 80), dither, effort: 3 })
    .toBuffer();
}

const banner = (step: number) =>
  svg(
    468,
    120,
    `<linearGradient id="g"><stop stop-color="#0af"/><stop offset="1" stop-color="#f0a"/></linearGradient><rect width="100%" height="100%" fill="url(#g)"/><text x="${20 + 12 * step}" y="74" font-size="40" fill="#fff">Save now</text>`,
  );

const cartoon = (step: number) =>
  svg(
    320,
    240,
    `<circle cx="${60 + 16 * step}" cy="${120 + 40 * Math.sin(step)}" r="44" fill="#ffb300" stroke="#222" stroke-width="4"/><rect y="200" width="320" height="40" fill="#4caf50"/>`,
  );

const jpeg =
  (name: string, options: JpegOptions, change: Partial<Scene> = {}) =>
  async () =>
    (await scene(name, change)).jpeg(options).toBuffer();

const CAMERA_QUALITIES = [95, 96, 97, 98];

const row = (group: string, family: Family) => (name: string, make: () => Promise<Buffer>) => ({
  name,
  group,
  family,
  make,
});
const camera = row('camera JPEG', 'jpg');
const other = row('other JPEG', 'jpg');
const screenshot = row('screenshot PNG', 'png');
const art = row('other PNG', 'png');
const gif = row('GIF', 'gif');

/** What is measured: the same bytes in every run. */
export const BENCH_PICTURES: readonly BenchPicture[] = [
  ...Object.keys(SCENES).map((name, index) => {
    const quality = CAMERA_QUALITIES[index % CAMERA_QUALITIES.length] ?? 95;
    return camera(
      `${name}, q${quality} 4:4:4`,
      jpeg(name, { quality, chromaSubsampling: '4:4:4' }),
    );
  }),
  camera(
    'landscape, 1.5 megapixels, q95',
    jpeg('landscape', { quality: 95 }, { width: 1536, height: 1024 }),
  ),
  other('street, already q80 4:2:0', jpeg('street', { quality: 80 })),
  other('foliage, already q60', jpeg('foliage', { quality: 60 })),
  other('flowers, progressive q92', jpeg('flowers', { quality: 92, progressive: true })),
  other('portrait, grey', async () =>
    (await scene('portrait')).greyscale().jpeg({ quality: 95 }).toBuffer(),
  ),
  other('flowers, CMYK', async () =>
    (await scene('flowers')).toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer(),
  ),
  other('flowers, Display P3', async () =>
    (await scene('flowers')).withIccProfile('p3').jpeg({ quality: 95 }).toBuffer(),
  ),
  other('page, q95', async () =>
    page().flatten().jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer(),
  ),
  screenshot('page', async () => page().png().toBuffer()),
  screenshot('terminal', async () => terminal().png().toBuffer()),
  screenshot('chart', async () => chart().png().toBuffer()),
  screenshot('page with a photograph', async () => (await gallery()).png().toBuffer()),
  art('line art', async () => lineArt(3).png().toBuffer()),
  art('line art with a palette', async () => lineArt(4).png({ palette: true }).toBuffer()),
  art('stickers, transparent', async () => stickers(5).png().toBuffer()),
  art('photograph', async () => (await scene('fog')).png().toBuffer()),
  gif('banner, dithered', async () => animated(await frames(12, banner), 1)),
  gif('cartoon, transparent', async () => animated(await frames(12, cartoon), 0)),
  gif('photograph, dithered', async () =>
    (await scene('street', { width: 480, height: 320 })).gif({ dither: 1 }).toBuffer(),
  ),
];
