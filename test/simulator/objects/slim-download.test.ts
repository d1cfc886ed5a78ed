import { createHash } from 'node:crypto';
import type COS from 'cos-nodejs-sdk-v5';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import type { SlimSetting } from '../../../src/simulator/slim-setting.ts';
import { startLocalCloud } from '../../support/local-cloud.ts';
import { EXAMPLE, officialClient } from '../../support/objects.ts';
import { API, BOTH_FOR_JPG, OFF, setSlim } from '../../support/slim-settings.ts';
import { animation, PICTURES } from '../compression/pictures.ts';

const picture = (name: string) => (PICTURES[name] ?? animation)();

async function withPictures(setting: SlimSetting, pictures: Record<string, Buffer>) {
  const simulator = await startLocalCloud();
  const cos = officialClient(simulator);
  for (const [Key, Body] of Object.entries(pictures)) {
    await cos.putObject({ ...EXAMPLE, Key, Body, ContentType: 'image/x-as-uploaded' });
  }
  await setSlim(simulator, setting);
  return { simulator, cos };
}

const get = (cos: COS, Key: string, more: Partial<COS.GetObjectParams> = {}) =>
  cos.getObject({ ...EXAMPLE, Key, ...more });
const etagOf = (bytes: Buffer) => `"${createHash('md5').update(bytes).digest('hex')}"`;

async function dimensions(bytes: Buffer) {
  const { format, width, height } = await sharp(bytes).metadata();
  return { format, width, height };
}

test('a download with imageSlim is smaller, and the same picture', async () => {
  const originals = {
    'photo.jpg': await picture('camera JPEG'),
    'screen.png': await picture('PNG photograph'),
    'film.gif': await animation(),
  };
  const { cos } = await withPictures(API, originals);
  for (const [Key, original] of Object.entries(originals)) {
    const { Body, headers } = await get(cos, Key, { Query: { imageSlim: '' } });
    expect(Body.length, Key).toBeLessThan(original.length);
    expect(await dimensions(Body)).toEqual(await dimensions(original));
    expect(headers).toMatchObject({
      server: 'tencent-ci',
      'x-slimflag': '1',
      'x-orisize': String(original.length),
      'content-length': String(Body.length),
      'content-type': `image/${(await dimensions(original)).format}`,
      'x-cos-request-id': expect.any(String),
      'x-ci-request-id': expect.any(String),
      etag: etagOf(original),
    });
    const plain = await get(cos, Key);
    expect(plain.Body.equals(original)).toBe(true);
    expect(plain.headers).toMatchObject({ 'content-type': 'image/x-as-uploaded' });
    expect(plain.headers).not.toHaveProperty('x-slimflag');
  }
});

test('imageSlim is written with a capital S: another spelling changes nothing', async () => {
  const original = await picture('camera JPEG');
  const { cos } = await withPictures(API, { 'photo.jpg': original });
  for (const Query of [{ imageslim: '' }, { ImageSlim: '' }]) {
    const { Body, headers } = await get(cos, 'photo.jpg', { Query });
    expect(Body.equals(original)).toBe(true);
    expect(headers).not.toHaveProperty('x-slimflag');
  }
});

test('imageSlim in vain is refused: switched off, without API, or in a bucket that is not bound', async () => {
  const simulator = await startLocalCloud();
  const cos = officialClient(simulator);
  const asked = { Key: 'photo.jpg', Query: { imageSlim: '' } };
  const refusal = { code: 'NoProcessAuthority', statusCode: 403 };
  await cos.putObject({ ...EXAMPLE, Key: 'photo.jpg', Body: 'x' });
  await expect(cos.getObject({ ...EXAMPLE, ...asked })).rejects.toMatchObject(refusal);
  for (const setting of [OFF, { ...BOTH_FOR_JPG, mode: 'Auto' } as const]) {
    await setSlim(simulator, setting);
    await expect(cos.getObject({ ...EXAMPLE, ...asked })).rejects.toMatchObject(refusal);
  }
  const unbound = { ...EXAMPLE, Bucket: 'unbound-1250000000' };
  await cos.putObject({ ...unbound, Key: 'photo.jpg', Body: 'x' });
  await expect(cos.getObject({ ...unbound, ...asked })).rejects.toMatchObject({
    code: 'UpsAppNotExist',
  });
  const plain = await cos.getObject({ ...unbound, Key: 'photo.jpg' });
  expect(String(plain.Body)).toBe('x');
});

test('Auto compresses what its suffixes cover, and nothing else', async () => {
  const photo = await picture('camera JPEG');
  const covered = ['a.jpg', 'b.jpeg', 'C.JPG', 'folder.png/d.jpg'];
  const uncovered = ['e.png', 'f', 'jpg', 'g.jpg/h', 'i.jpg.bak'];
  const pictures = Object.fromEntries([...covered, ...uncovered].map((key) => [key, photo]));
  const { simulator, cos } = await withPictures(BOTH_FOR_JPG, pictures);
  for (const Key of covered) {
    const { Body, headers } = await get(cos, Key);
    expect(Body.length, Key).toBeLessThan(photo.length);
    expect(headers).toMatchObject({ 'x-slimflag': '1', etag: etagOf(photo) });
    const head = await cos.headObject({ ...EXAMPLE, Key });
    expect(head.headers).toMatchObject({
      'x-slimflag': '1',
      'content-length': String(Body.length),
      etag: etagOf(photo),
    });
  }
  for (const Key of uncovered) {
    const { Body, headers } = await get(cos, Key);
    expect(Body.equals(photo), Key).toBe(true);
    expect(headers).not.toHaveProperty('x-slimflag');
  }
  await setSlim(simulator, OFF);
  expect((await get(cos, 'a.jpg')).Body.equals(photo)).toBe(true);
});

test('a range of a compressed download is of the compressed bytes, a condition of the stored ones', async () => {
  const photo = await picture('camera JPEG');
  const { cos } = await withPictures(BOTH_FOR_JPG, { 'photo.jpg': photo });
  const { Body: slim } = await get(cos, 'photo.jpg');
  const part = await get(cos, 'photo.jpg', { Range: 'bytes=10-19' });
  expect(part.statusCode).toBe(206);
  expect(part.headers).toMatchObject({ 'content-range': `bytes 10-19/${slim.length}` });
  expect(part.Body.equals(slim.subarray(10, 20))).toBe(true);
  const beyond = get(cos, 'photo.jpg', { Range: `bytes=${slim.length}-` });
  await expect(beyond).rejects.toMatchObject({ code: 'InvalidRange' });
  const unchanged = get(cos, 'photo.jpg', { IfNoneMatch: etagOf(photo) });
  await expect(unchanged).rejects.toMatchObject({ statusCode: 304 });
});

test('what cannot be made smaller is sent as it is, and says so', async () => {
  const photo = await picture('camera JPEG');
  const { cos } = await withPictures(BOTH_FOR_JPG, {
    'text.jpg': Buffer.from('only called a picture'),
    'torn.jpg': photo.subarray(0, photo.length / 2),
    'coarse.jpg': await sharp(photo).jpeg({ quality: 5 }).toBuffer(),
  });
  const cases = [
    { Key: 'text.jpg', flag: '2' },
    { Key: 'torn.jpg', flag: '0' },
    { Key: 'coarse.jpg', flag: '2' },
  ];
  for (const { Key, flag } of cases) {
    const { Body, headers, ETag } = await get(cos, Key);
    expect(headers, Key).toMatchObject({
      'x-slimflag': flag,
      'x-orisize': String(Body.length),
      server: 'tencent-ci',
    });
    expect(ETag).toBe(etagOf(Body));
  }
});
