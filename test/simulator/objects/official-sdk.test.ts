import { createHash, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type COS from 'cos-nodejs-sdk-v5';
import { expect, test } from 'vitest';
import {
  errorCode,
  LOCAL_KEYS,
  send,
  startLocalCloud,
  temporaryDirectory,
} from '../../support/local-cloud.ts';
import { COS_HOST, EXAMPLE, officialClient } from '../../support/objects.ts';

const md5 = (bytes: Buffer | string) => createHash('md5').update(bytes).digest('hex');

test('the official SDK puts an object, looks at it, gets it and deletes it', async () => {
  const cos = officialClient(await startLocalCloud());
  const object = { ...EXAMPLE, Key: 'docs/hello world 你好.txt' };
  const put = await cos.putObject({
    ...object,
    Body: '123456789',
    ContentType: 'text/plain',
    CacheControl: 'max-age=60',
    Headers: { 'x-cos-meta-author': 'somebody' },
  });
  const etag = `"${md5('123456789')}"`;
  expect(put).toMatchObject({ statusCode: 200, ETag: etag, Location: expect.any(String) });
  // The check value of CRC-64 of ECMA-182.
  expect(put.headers).toMatchObject({ 'x-cos-hash-crc64ecma': '11051210869376104954' });

  const described = {
    'content-type': 'text/plain',
    'content-length': '9',
    'cache-control': 'max-age=60',
    'x-cos-meta-author': 'somebody',
    'x-cos-hash-crc64ecma': '11051210869376104954',
    'accept-ranges': 'bytes',
    server: 'tencent-cos',
    etag,
  };
  const head = await cos.headObject(object);
  expect(head).toMatchObject({ statusCode: 200, ETag: etag, headers: described });
  const got = await cos.getObject(object);
  expect(got).toMatchObject({ statusCode: 200, ETag: etag, headers: described });
  expect(String(got.Body)).toBe('123456789');
  expect(got.headers).not.toHaveProperty('x-slimflag');

  await expect(cos.deleteObject(object)).resolves.toMatchObject({ statusCode: 204 });
  await expect(cos.deleteObject(object)).resolves.toMatchObject({ statusCode: 204 });
  await expect(cos.getObject(object)).rejects.toMatchObject({
    code: 'NoSuchKey',
    statusCode: 404,
    error: { Resource: `${COS_HOST}/${object.Key}` },
  });
  await expect(cos.headObject(object)).rejects.toMatchObject({ statusCode: 404 });
});

test('the official SDK uploads a file and streams in both directions', async () => {
  const cos = officialClient(await startLocalCloud());
  const directory = await temporaryDirectory();
  const bytes = randomBytes(3 * 2 ** 20 + 7);
  const source = join(directory, 'source.bin');
  await writeFile(source, bytes);
  const object = { ...EXAMPLE, Key: 'streamed' };

  const body = Readable.from([bytes.subarray(0, 100), bytes.subarray(100)], { objectMode: false });
  await cos.putObject({ ...object, Body: body, ContentLength: bytes.length });
  const target = join(directory, 'target.bin');
  await cos.getObject({ ...object, Output: createWriteStream(target) });
  expect((await readFile(target)).equals(bytes)).toBe(true);

  const uploaded = await cos.uploadFile({
    ...EXAMPLE,
    Key: 'file.bin',
    FilePath: source,
    SliceSize: 2 ** 30,
  });
  expect(uploaded.ETag).toBe(`"${md5(bytes)}"`);
  const through = new PassThrough();
  const [downloaded] = await Promise.all([
    buffer(through),
    cos.getObject({ ...EXAMPLE, Key: 'file.bin', Output: through }),
  ]);
  expect(downloaded.equals(bytes)).toBe(true);
});

test('the official SDK lists a bucket page by page, and by folder', async () => {
  const cos = officialClient(await startLocalCloud());
  const keys = ['a.txt', 'b/1', 'b/2', 'b/c/3', 'd//e', 'd/e', 'é', '<&>', '😀', '\uffed'];
  for (const Key of keys) await cos.putObject({ ...EXAMPLE, Key, Body: Key });
  const inOrder = ['<&>', 'a.txt', 'b/1', 'b/2', 'b/c/3', 'd//e', 'd/e', 'é', '\uffed', '😀'];

  const all = await cos.getBucket(EXAMPLE);
  expect(all).toMatchObject({ Name: EXAMPLE.Bucket, IsTruncated: 'false', MaxKeys: '1000' });
  expect(all.Contents.map(({ Key }) => Key)).toEqual(inOrder);
  expect(all.Contents[1]).toMatchObject({
    Size: '5',
    ETag: `"${md5('a.txt')}"`,
    StorageClass: 'STANDARD',
    Owner: { ID: '1250000000' },
    LastModified: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
  });

  const paged: string[] = [];
  let Marker: string | undefined = '';
  while (Marker !== undefined) {
    const page: COS.GetBucketResult = await cos.getBucket({ ...EXAMPLE, Marker, MaxKeys: 3 });
    expect(page.Contents.length).toBeLessThanOrEqual(3);
    paged.push(...page.Contents.map(({ Key }) => Key));
    Marker = page.NextMarker;
  }
  expect(paged).toEqual(inOrder);

  const folder = await cos.getBucket({ ...EXAMPLE, Prefix: 'b/', Delimiter: '/' });
  expect(folder.Contents.map(({ Key }) => Key)).toEqual(['b/1', 'b/2']);
  expect(folder.CommonPrefixes).toEqual([{ Prefix: 'b/c/' }]);
  const folders = await cos.getBucket({ ...EXAMPLE, Delimiter: '/', MaxKeys: 3 });
  expect(folders.CommonPrefixes).toEqual([{ Prefix: 'b/' }]);
  expect(folders).toMatchObject({ IsTruncated: 'true', NextMarker: 'b/' });
  const rest = await cos.getBucket({ ...EXAMPLE, Delimiter: '/', Marker: 'b/' });
  expect(rest.CommonPrefixes).toEqual([{ Prefix: 'd/' }]);
  const encoded = await cos.getBucket({ ...EXAMPLE, Prefix: 'd//', EncodingType: 'url' });
  expect(encoded).toMatchObject({ EncodingType: 'url', Prefix: 'd%2F%2F' });
  expect(encoded.Contents.map(({ Key }) => Key)).toEqual(['d%2F%2Fe']);
});

test('the official SDK sees whether a bucket is there, and another’s is out of reach', async () => {
  const simulator = await startLocalCloud();
  const cos = officialClient(simulator);
  await expect(cos.headBucket(EXAMPLE)).resolves.toMatchObject({
    statusCode: 200,
    headers: { 'x-cos-bucket-region': 'ap-shanghai' },
  });
  const refusals = [
    { bucket: { Bucket: 'nowhere-1250000000' }, statusCode: 404 },
    { bucket: { Region: 'ap-guangzhou' }, statusCode: 404 },
    { bucket: { Bucket: 'partner-1250000001' }, statusCode: 403 },
  ];
  for (const { bucket, statusCode } of refusals) {
    await expect(cos.headBucket({ ...EXAMPLE, ...bucket })).rejects.toMatchObject({ statusCode });
  }
});

test('a presigned URL of the official SDK is good for what it was signed for', async () => {
  const simulator = await startLocalCloud();
  const cos = officialClient(simulator);
  const Key = 'shared/ü&+ .txt';
  const presigned = (Method: 'GET' | 'PUT') =>
    cos.getObjectUrl({ ...EXAMPLE, Key, Method, Sign: true, Protocol: 'http:' }, () => {
      // The address is returned as well.
    });
  // Any client that has a proxy: what it asks for is the address as it stands.
  const ask = (method: string, path: string, body = '') =>
    send(simulator.url, { method, path, headers: { Host: COS_HOST }, body });
  expect(await ask('PUT', presigned('PUT'), 'shared')).toMatchObject({ status: 200 });
  expect(await ask('GET', presigned('GET'))).toMatchObject({ status: 200, body: 'shared' });
  const asAnother = await ask('PUT', presigned('GET'), 'x');
  const ofAnother = await ask('GET', presigned('GET').replace('shared', 'secret'));
  for (const { status, body } of [asAnother, ofAnother]) {
    expect([status, errorCode(body)]).toEqual([403, 'SignatureDoesNotMatch']);
  }
});

test('a wrong key opens nothing, and a reader of settings has no objects', async () => {
  const simulator = await startLocalCloud();
  const object = { ...EXAMPLE, Key: 'private' };
  await officialClient(simulator).putObject({ ...object, Body: 'x' });
  const wrong = officialClient(simulator, { ...LOCAL_KEYS.media, secretKey: 'wrong' });
  await expect(wrong.getObject(object)).rejects.toMatchObject({ code: 'SignatureDoesNotMatch' });
  await expect(wrong.putObject({ ...object, Body: 'y' })).rejects.toMatchObject({
    code: 'SignatureDoesNotMatch',
  });
  const reader = officialClient(simulator, LOCAL_KEYS.reader);
  for (const call of [
    () => reader.getObject(object),
    () => reader.putObject({ ...object, Body: 'y' }),
    () => reader.deleteObject(object),
    () => reader.getBucket(EXAMPLE),
    () => reader.getObject({ ...object, Key: 'absent' }),
  ]) {
    await expect(call()).rejects.toMatchObject({ code: 'AccessDenied', statusCode: 403 });
  }
  const { Body } = await officialClient(simulator).getObject(object);
  expect(String(Body)).toBe('x');
});

test('the bind state of a bucket is told on its own host', async () => {
  const cos = officialClient(await startLocalCloud());
  const ask = (Bucket: string) =>
    cos.request({
      ...EXAMPLE,
      Bucket,
      Method: 'GET',
      Url: `http://${Bucket}.ci.ap-shanghai.myqcloud.com/`,
    });
  await expect(ask(EXAMPLE.Bucket)).resolves.toMatchObject({
    CIStatus: 'on',
    headers: { server: 'tencent-ci', 'content-type': 'application/json' },
  });
  await expect(ask('unbound-1250000000')).resolves.toMatchObject({ CIStatus: 'off' });
  const reader = officialClient(await startLocalCloud(), LOCAL_KEYS.reader);
  const Url = `http://${EXAMPLE.Bucket}.ci.ap-shanghai.myqcloud.com/`;
  await expect(reader.request({ ...EXAMPLE, Method: 'GET', Url })).rejects.toMatchObject({
    code: 'AccessDenied',
  });
});

test('a multipart upload is refused as not offered', async () => {
  const cos: COS = officialClient(await startLocalCloud());
  await expect(cos.multipartInit({ ...EXAMPLE, Key: 'big' })).rejects.toMatchObject({
    code: 'NotImplemented',
    statusCode: 501,
  });
});
