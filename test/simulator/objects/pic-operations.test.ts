import { createHash } from 'node:crypto';
import type COS from 'cos-nodejs-sdk-v5';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { parseLocalCloud } from '../../../src/simulator/local-cloud.ts';
import { LOCAL_KEYS, startLocalCloud } from '../../support/local-cloud.ts';
import { COS_HOST, EXAMPLE, officialClient } from '../../support/objects.ts';
import { API, BOTH_FOR_JPG, OFF, setSlim } from '../../support/slim-settings.ts';
import { animation, PICTURES } from '../compression/pictures.ts';

const picture = (name: string) => (PICTURES[name] ?? animation)();
const etagOf = (bytes: Buffer) => `"${createHash('md5').update(bytes).digest('hex')}"`;
const slimTo = (...fileids: string[]) =>
  JSON.stringify({
    is_pic_info: 1,
    rules: fileids.map((fileid) => ({ fileid, rule: 'imageSlim' })),
  });

function upload(cos: COS, Key: string, Body: Buffer, picOperations: string) {
  const Headers = { 'Pic-Operations': picOperations };
  return cos.putObject({ ...EXAMPLE, Key, Body, ContentType: 'image/jpeg', Headers });
}

/** As the official demos do it: there is no method of its own. */
function processStored(cos: COS, Key: string, picOperations: string) {
  const Headers = { 'Pic-Operations': picOperations };
  return cos.request({ ...EXAMPLE, Method: 'POST', Key, Action: 'image_process', Headers });
}

async function keysOf(cos: COS): Promise<readonly string[]> {
  return (await cos.getBucket(EXAMPLE)).Contents.map(({ Key }) => Key);
}

test('an upload with Pic-Operations keeps the original and a smaller one beside it', async () => {
  const simulator = await startLocalCloud();
  const cos = officialClient(simulator);
  await setSlim(simulator, API);
  const original = await picture('camera JPEG');
  const { width, height } = await sharp(original).metadata();
  const answer = await upload(
    cos,
    'in/photo.jpg',
    original,
    slimTo('slim.jpg', '/out/%E5%A5%BD.jpg'),
  );
  expect(await keysOf(cos)).toEqual(['in/photo.jpg', 'in/slim.jpg', 'out/好.jpg']);
  const stored = (await cos.getObject({ ...EXAMPLE, Key: 'in/photo.jpg' })).Body;
  const slim = await cos.getObject({ ...EXAMPLE, Key: 'in/slim.jpg' });
  expect(stored.equals(original)).toBe(true);
  expect(slim.Body.length).toBeLessThan(original.length);
  expect(slim.headers).toMatchObject({ 'content-type': 'image/jpeg', etag: etagOf(slim.Body) });
  expect(slim.headers).not.toHaveProperty('x-slimflag');
  expect(await sharp(slim.Body).metadata()).toMatchObject({ width, height, format: 'jpeg' });

  const facts = { Format: 'jpg', Width: String(width), Height: String(height) };
  const result = { ...facts, Size: String(slim.Body.length), ETag: etagOf(slim.Body) };
  expect(answer).toMatchObject({
    ETag: etagOf(original),
    UploadResult: {
      OriginalInfo: {
        Key: 'in/photo.jpg',
        Location: `${COS_HOST}/in/photo.jpg`,
        ETag: etagOf(original),
        ImageInfo: facts,
      },
      ProcessResults: {
        Object: [
          { ...result, Key: 'in/slim.jpg', Location: `${COS_HOST}/in/slim.jpg` },
          { ...result, Key: 'out/好.jpg', Location: `${COS_HOST}/out/%E5%A5%BD.jpg` },
        ],
      },
    },
  });
  const [entry] = simulator.received();
  expect(entry?.objects?.map(({ key }) => key)).toEqual([
    'in/photo.jpg',
    'in/slim.jpg',
    'out/好.jpg',
  ]);
});

test('a fileid that is the object’s own key leaves the smaller one in its place', async () => {
  const simulator = await startLocalCloud();
  const cos = officialClient(simulator);
  await setSlim(simulator, API);
  const original = await picture('camera JPEG');
  await upload(cos, 'in/photo.jpg', original, slimTo('photo.jpg'));
  const { Body } = await cos.getObject({ ...EXAMPLE, Key: 'in/photo.jpg' });
  expect(Body.length).toBeLessThan(original.length);
  expect(await keysOf(cos)).toEqual(['in/photo.jpg']);
});

test('an object that is stored already is processed where it is', async () => {
  const simulator = await startLocalCloud();
  const cos = officialClient(simulator);
  await setSlim(simulator, BOTH_FOR_JPG);
  const original = await picture('PNG photograph');
  await cos.putObject({ ...EXAMPLE, Key: 'photo.png', Body: original });
  const answer = await processStored(cos, 'photo.png', slimTo('/slim/photo.png'));
  const { Body, headers } = await cos.getObject({ ...EXAMPLE, Key: 'slim/photo.png' });
  expect(Body.length).toBeLessThan(original.length);
  expect(headers).toMatchObject({ 'content-type': 'image/png' });
  expect(answer).toMatchObject({
    statusCode: 200,
    UploadResult: {
      OriginalInfo: { Key: 'photo.png', ETag: etagOf(original) },
      ProcessResults: { Object: { Key: 'slim/photo.png', Size: String(Body.length) } },
    },
  });
  await expect(processStored(cos, 'absent.png', slimTo('x'))).rejects.toMatchObject({
    code: 'NoSuchKey',
  });
});

const rule = { fileid: 'slim.jpg', rule: 'imageSlim' };
const six = Array.from({ length: 6 }, (_, at) => `${at}.jpg`);

const REFUSALS: readonly { name: string; header: string; code: string }[] = [
  { name: 'no JSON', header: 'imageSlim', code: 'InvalidPicOperations' },
  { name: 'no rules', header: '{"is_pic_info":1}', code: 'InvalidPicOperations' },
  { name: 'an empty list of rules', header: '{"rules":[]}', code: 'InvalidPicOperations' },
  { name: 'six rules', header: slimTo(...six), code: 'InvalidPicOperations' },
  { name: 'no fileid', header: '{"rules":[{"rule":"imageSlim"}]}', code: 'InvalidPicOperations' },
  { name: 'one fileid twice', header: slimTo('a.jpg', '/a.jpg'), code: 'InvalidPicOperations' },
  {
    name: 'a fileid that is no UrlEncode',
    header: slimTo('100%.jpg'),
    code: 'InvalidPicOperations',
  },
  { name: 'a fileid that is too long', header: slimTo('a'.repeat(851)), code: 'KeyTooLong' },
  { name: 'a fileid with a line feed', header: slimTo('a%0ab'), code: 'InvalidObjectName' },
  {
    name: 'a repeated member',
    header: '{"rules":[{"fileid":"a","fileid":"b","rule":"imageSlim"}]}',
    code: 'InvalidPicOperations',
  },
  {
    name: 'another rule',
    header: JSON.stringify({ rules: [{ ...rule, rule: 'imageMogr2/thumbnail/10x' }] }),
    code: 'NotImplemented',
  },
  {
    name: 'the rule in another case',
    header: JSON.stringify({ rules: [{ ...rule, rule: 'imageslim' }] }),
    code: 'NotImplemented',
  },
  {
    name: 'another bucket',
    header: JSON.stringify({ rules: [{ ...rule, bucket: 'archive-1250000000' }] }),
    code: 'NotImplemented',
  },
];

test.each(REFUSALS)('Pic-Operations with $name are refused: $code', async ({ header, code }) => {
  const simulator = await startLocalCloud();
  const cos = officialClient(simulator);
  await setSlim(simulator, API);
  const put = upload(cos, 'photo.jpg', Buffer.from('never looked at'), header);
  await expect(put).rejects.toMatchObject({ code });
  expect(await keysOf(cos)).toEqual([]);
});

test('what cannot be processed is not stored either', async () => {
  const simulator = await startLocalCloud();
  const cos = officialClient(simulator);
  const operations = slimTo('slim.jpg');
  const photo = await picture('camera JPEG');
  await expect(upload(cos, 'a.jpg', photo, operations)).rejects.toMatchObject({
    code: 'NoProcessAuthority',
  });
  await setSlim(simulator, OFF);
  await expect(upload(cos, 'a.jpg', photo, operations)).rejects.toMatchObject({
    code: 'NoProcessAuthority',
  });
  await setSlim(simulator, API);
  const tooLarge = Buffer.concat([photo, Buffer.alloc(32 * 2 ** 20)]);
  for (const [bytes, code] of [
    [Buffer.from('no picture'), 'InvalidImageFormat'],
    [photo.subarray(0, photo.length / 2), 'InvalidImageFormat'],
    [tooLarge, 'ImageTooLarge'],
  ] as const) {
    await expect(upload(cos, 'a.jpg', bytes, operations)).rejects.toMatchObject({ code });
  }
  expect(await keysOf(cos)).toEqual([]);
});

test('who may put the object needs to be allowed to put its results as well', async () => {
  const { secretId, secretKey } = LOCAL_KEYS.media;
  const resource = `qcs::cos:ap-shanghai:uid/1250000000:${EXAMPLE.Bucket}/in/*`;
  const cloud = parseLocalCloud(`
accounts:
  - appId: 1250000000
    uin: 100000000001
    subAccounts:
      - name: media
        uin: 100000000011
        keys: [{ secretId: ${secretId}, secretKey: ${secretKey} }]
        policies:
          - version: "2.0"
            statement: { effect: allow, action: ["cos:PutObject", "cos:GetObject"], resource: "${resource}" }
buckets:
  - { name: ${EXAMPLE.Bucket}, region: ap-shanghai, bound: true, slim: { status: on, mode: API } }
`);
  const simulator = await startLocalCloud({ cloud });
  const cos = officialClient(simulator);
  const photo = await picture('camera JPEG');
  const refusal = { code: 'AccessDenied', statusCode: 403 };
  await upload(cos, 'in/photo.jpg', photo, slimTo('slim.jpg'));
  await expect(upload(cos, 'in/photo.jpg', photo, slimTo('/out.jpg'))).rejects.toMatchObject(
    refusal,
  );
  await expect(upload(cos, 'out.jpg', photo, slimTo('/in/a.jpg'))).rejects.toMatchObject(refusal);
  await expect(processStored(cos, 'in/photo.jpg', slimTo('../x'))).resolves.toBeDefined();
  await expect(processStored(cos, 'in/photo.jpg', slimTo('/x'))).rejects.toMatchObject(refusal);
  await expect(cos.deleteObject({ ...EXAMPLE, Key: 'in/photo.jpg' })).rejects.toMatchObject(
    refusal,
  );
});
