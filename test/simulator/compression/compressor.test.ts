import { execFile, execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { createCompressor } from '../../../src/simulator/compression/compress-image.ts';
import { startCompressing } from './compressing.ts';
import { PICTURES } from './pictures.ts';

const make = (name: string) => PICTURES[name]?.() ?? Promise.reject(new Error(name));

test('twenty requests at once for one content are one compression with one file', async () => {
  await using compressing = startCompressing();
  const original = compressing.store(await make('camera JPEG'));
  const pending = Array.from({ length: 20 }, () => compressing.compressor.compress(original));
  await expect.poll(() => compressing.compressor.status().running).toBe(1);
  expect(compressing.compressor.status().waiting).toBe(0);
  const results = await Promise.all(pending);
  expect(new Set(results).size).toBe(1);
  expect(compressing.compressor.status()).toEqual({ running: 0, waiting: 0, cached: 1 });
  expect(readdirSync(`${compressing.cacheDirectory}/engine-1`)).toHaveLength(1);
});

test('a second request gets the same file, which is not written again', async () => {
  await using compressing = startCompressing();
  const original = compressing.store(await make('PNG of a screen'));
  const first = await compressing.compressor.compress(original);
  const { mtimeMs, ino } = statSync(first.kind === 'compressed' ? first.path : '');
  expect(await compressing.compressor.compress(original)).toEqual(first);
  expect(statSync(first.kind === 'compressed' ? first.path : '')).toMatchObject({ mtimeMs, ino });
});

test('another compressor finds what is in the cache without the original', async () => {
  await using compressing = startCompressing();
  const original = compressing.store(await make('grey JPEG'));
  const first = await compressing.compressor.compress(original);
  rmSync(original.path);
  const second = createCompressor({ cacheDirectory: compressing.cacheDirectory });
  expect(second.status().cached).toBe(1);
  expect(await second.compress(original)).toEqual(first);
  await second.close();
});

test('that nothing smaller was found is remembered too', async () => {
  await using compressing = startCompressing();
  const tiny = await (await import('sharp'))
    .default({ create: { width: 1, height: 1, channels: 3, background: '#123' } })
    .png({ compressionLevel: 9 })
    .toBuffer();
  const original = compressing.store(tiny);
  const expected = { kind: 'original', reason: 'not-smaller' };
  expect(await compressing.compressor.compress(original)).toEqual(expected);
  rmSync(original.path);
  expect(await compressing.compressor.compress(original)).toEqual(expected);
});

test('different contents wait for their turn', async () => {
  await using compressing = startCompressing({ concurrency: 1 });
  const names = ['camera JPEG', 'grey JPEG', 'PNG of a screen'];
  const originals = await Promise.all(names.map(make));
  const pending = originals.map((bytes) =>
    compressing.compressor.compress(compressing.store(bytes)),
  );
  await expect
    .poll(() => compressing.compressor.status())
    .toMatchObject({ running: 1, waiting: 2 });
  const results = await Promise.all(pending);
  expect(results.map(({ kind }) => kind)).toEqual(['compressed', 'compressed', 'compressed']);
});

test('a content that was replaced meanwhile is not kept under the old name', async () => {
  await using compressing = startCompressing();
  const original = compressing.store(await make('camera JPEG'));
  writeFileSync(original.path, await make('grey JPEG'));
  await expect(compressing.compressor.compress(original)).rejects.toThrow('not the content');
  expect(compressing.compressor.status().cached).toBe(0);
});

test('an original that is not there is an error, not a verdict', async () => {
  await using compressing = startCompressing();
  const original = compressing.store(Buffer.from('x'));
  rmSync(original.path);
  await expect(compressing.compressor.compress(original)).rejects.toThrow('ENOENT');
});

test('a name that is not a digest reaches no path', async () => {
  await using compressing = startCompressing();
  const original = { ...compressing.store(Buffer.from('x')), contentSha256: '../../etc/passwd' };
  await expect(compressing.compressor.compress(original)).rejects.toThrow(RangeError);
});

test('a picture that takes too long is served as it is, and so is it the next time', async () => {
  await using compressing = startCompressing({ limits: { deadlineMs: 1 } });
  const original = compressing.store(await make('camera JPEG'));
  const expected = { kind: 'original', reason: 'too-large' };
  expect(await compressing.compressor.compress(original)).toEqual(expected);
  expect(await compressing.compressor.compress(original)).toEqual(expected);
  expect(readdirSync(`${compressing.cacheDirectory}/engine-1`)).toEqual([]);
});

test('a process that grows too large ends itself, and the next picture gets a new one', async () => {
  await using compressing = startCompressing({ limits: { maxProcessBytes: 2 ** 20 } });
  const original = compressing.store(await make('PNG photograph'));
  const expected = { kind: 'original', reason: 'too-large' };
  expect(await compressing.compressor.compress(original)).toEqual(expected);
  const text = compressing.store(Buffer.from('plain text'));
  expect(await compressing.compressor.compress(text)).toMatchObject({ reason: 'not-an-image' });
});

test('closing ends what runs, refuses what waits, and leaves no process or file', async () => {
  await using compressing = startCompressing({ concurrency: 1 });
  const { compressor } = compressing;
  const originals = await Promise.all(['camera JPEG', 'PNG photograph'].map(make));
  const pending = Promise.allSettled(
    originals.map((bytes) => compressor.compress(compressing.store(bytes))),
  );
  await expect.poll(() => compressor.status()).toMatchObject({ running: 1, waiting: 1 });
  await compressor.close();
  expect((await pending).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  const late = compressor.compress(compressing.store(Buffer.from('x')));
  await expect(late).rejects.toThrow('closed');
  expect(readdirSync(`${compressing.cacheDirectory}/engine-1`)).toEqual([]);
});

const MODULE = new URL('../../../src/simulator/compression/compress-image.ts', import.meta.url);

test('a program that uses it never loads the image library, and ends by itself', async () => {
  await using compressing = startCompressing();
  const original = compressing.store(await make('grey JPEG'));
  const program = `
    import { createCompressor } from ${JSON.stringify(MODULE.href)};
    const compressor = createCompressor({ cacheDirectory: ${JSON.stringify(compressing.cacheDirectory)} });
    const { kind } = await compressor.compress(${JSON.stringify(original)});
    const libraries = process.report.getReport().sharedObjects.filter((path) => path.includes('vips'));
    console.log(JSON.stringify({ kind, libraries }));`;
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '--eval',
    program,
  ]);
  expect(JSON.parse(stdout)).toEqual({ kind: 'compressed', libraries: [] });
});

test.runIf(process.platform === 'linux')(
  'the encoder gets nothing of our environment',
  async () => {
    process.env.SLIMGATE_TEST_SECRET = 'do-not-inherit';
    await using compressing = startCompressing({ concurrency: 1 });
    await compressing.compressor.compress(compressing.store(await make('grey JPEG')));
    const children = execFileSync('ps', ['--ppid', String(process.pid), '-o', 'pid=,args='], {
      encoding: 'utf8',
    });
    const encoders = children.split('\n').filter((line) => line.includes('encoder-main'));
    const environments = encoders.map((line) =>
      readFileSync(`/proc/${line.trim().split(' ')[0]}/environ`, 'utf8'),
    );
    delete process.env.SLIMGATE_TEST_SECRET;
    expect(environments.length).toBeGreaterThan(0);
    expect(environments.join()).not.toContain('do-not-inherit');
  },
);

test('closing is waited for even when nothing else is left to do', async () => {
  await using compressing = startCompressing();
  const original = compressing.store(await make('grey JPEG'));
  const program = `
    import { createCompressor } from ${JSON.stringify(MODULE.href)};
    const compressor = createCompressor({ cacheDirectory: ${JSON.stringify(compressing.cacheDirectory)} });
    await compressor.compress(${JSON.stringify(original)});
    await compressor.close();
    console.log('closed');`;
  const args = ['--input-type=module', '--eval', program];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  expect(stdout.trim()).toBe('closed');
});
