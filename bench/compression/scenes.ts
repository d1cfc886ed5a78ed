import sharp from 'sharp';
import { noiseField, normalFrom, randomFrom } from './noise.ts';

/** What a photograph-like picture is made of; all strengths in levels of 255. */
export interface Scene {
  readonly seed: number;
  readonly width: number;
  readonly height: number;
  /** Fine structure: foliage and fabric are high, skin and sky are low. */
  readonly texture: number;
  /** How much of the strength the next octave keeps: the roughness. */
  readonly fall: number;
  readonly brightness: number;
  readonly saturation: number;
  /** Of the sensor. */
  readonly grain: number;
  /** Things with sharp outlines in front. */
  readonly things: number;
  /** In pixels. */
  readonly softness: number;
}

const BASE: Scene = {
  seed: 1,
  width: 768,
  height: 512,
  texture: 60,
  fall: 0.55,
  brightness: 125,
  saturation: 40,
  grain: 2,
  things: 12,
  softness: 0.6,
};

/** Photograph-like scenes, from smooth to rough. */
export const SCENES: Readonly<Record<string, Scene>> = {
  landscape: { ...BASE, seed: 11 },
  foliage: { ...BASE, seed: 12, texture: 90, fall: 0.8, grain: 2.5, softness: 0.4 },
  portrait: { ...BASE, seed: 13, texture: 35, fall: 0.35, things: 3, softness: 1.4 },
  street: { ...BASE, seed: 14, texture: 40, things: 60, saturation: 25 },
  night: { ...BASE, seed: 15, brightness: 38, texture: 28, grain: 4.5, things: 14 },
  fabric: { ...BASE, seed: 16, texture: 70, fall: 0.9, saturation: 15, things: 0 },
  flowers: { ...BASE, seed: 17, saturation: 110, texture: 70, things: 30, fall: 0.65 },
  fog: { ...BASE, seed: 18, texture: 22, fall: 0.4, brightness: 185, saturation: 10, grain: 1.2 },
};

export interface RawPicture {
  readonly pixels: Buffer;
  readonly width: number;
  readonly height: number;
}

/** Light and colour fields, things with outlines in front, a lens in between, and a sensor's grain. */
export async function photograph(scene: Scene): Promise<RawPicture> {
  const { width, height } = scene;
  const scenery = sharp(fields(scene), { raw: { width, height, channels: 3 } })
    .composite([{ input: Buffer.from(thingsOf(scene)) }])
    .removeAlpha();
  const sharpened = await scenery.raw().toBuffer();
  const seen = await sharp(sharpened, { raw: { width, height, channels: 3 } })
    .blur(scene.softness)
    .raw()
    .toBuffer();
  return { pixels: grainy(seen, scene), width, height };
}

function fields({ seed, width, height, texture, fall, brightness, saturation }: Scene): Buffer {
  const light = noiseField(seed, { octaves: 8, fall });
  const colour = [1, 2, 3].map((each) => noiseField(seed * 7 + each, { octaves: 4, fall: 0.5 }));
  const pixels = Buffer.alloc(width * height * 3);
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const [u, v] = [(4 * x) / width, (4 * y) / width];
      const level = brightness + 30 * (0.5 - y / height) + 2 * texture * light(u, v);
      for (const field of colour) {
        pixels[at] = Math.max(0, Math.min(255, level + saturation * field(u, v)));
        at += 1;
      }
    }
  }
  return pixels;
}

function thingsOf({ seed, width, height, things, brightness, saturation }: Scene): string {
  const random = randomFrom(seed * 31);
  const shapes = Array.from({ length: things }, () => {
    const hue = Math.round(random() * 360);
    const fill = `hsl(${hue} ${Math.min(95, saturation)}% ${Math.round((brightness / 255) * (40 + 60 * random()))}%)`;
    const [x, y] = [random() * width, random() * height];
    const size = (0.03 + 0.12 * random()) * width;
    return random() < 0.5
      ? `<ellipse cx="${x}" cy="${y}" rx="${size}" ry="${size * (0.4 + random())}" fill="${fill}"/>`
      : `<rect x="${x}" y="${y}" width="${size}" height="${size * (0.5 + 2 * random())}" fill="${fill}" transform="rotate(${random() * 40 - 20} ${x} ${y})"/>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${shapes.join('')}</svg>`;
}

function grainy(pixels: Buffer, { seed, grain }: Scene): Buffer {
  const normal = normalFrom(randomFrom(seed * 101));
  return Buffer.from(pixels.map((level) => Math.max(0, Math.min(255, level + grain * normal()))));
}
