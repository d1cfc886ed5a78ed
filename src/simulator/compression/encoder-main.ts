import { createHash } from 'node:crypto';
import { open, readFile, writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { type EncoderOrder, type EncoderReport, MEMORY_EXIT_CODE, READY } from './encoder-order.ts';
import { type SlimPicture, slimPicture } from './slim-picture.ts';
import { OriginalServed } from './slim-result.ts';

/** How often the process looks at its own memory. */
const WATCH_EVERY_MS = 100;

// One picture at a time, on one thread, nothing kept: memory is that of one picture.
sharp.cache(false);
sharp.concurrency(1);
// Of all the loaders only those three whose bytes have been looked at.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: ['VipsForeignLoadJpeg', 'VipsForeignLoadPng', 'VipsForeignLoadNsgif'],
});

// Where the kernel must choose, it should choose this process and not the server.
await writeFile('/proc/self/oom_score_adj', '1000').catch(() => undefined);

process.on('message', (order: EncoderOrder) => void answer(order));
process.on('disconnect', () => process.exit());
process.send?.(READY);

async function answer(order: EncoderOrder): Promise<void> {
  const watch = setInterval(() => {
    if (process.memoryUsage.rss() > order.limits.maxProcessBytes) process.exit(MEMORY_EXIT_CODE);
  }, WATCH_EVERY_MS);
  const report = await fulfil(order);
  clearInterval(watch);
  process.send?.(report);
}

async function fulfil({
  path,
  contentSha256,
  target,
  limits,
}: EncoderOrder): Promise<EncoderReport> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    return { kind: 'failed', message: messageOf(error) };
  }
  // The object was replaced meanwhile: its bytes must not enter the cache under the old name.
  if (createHash('sha256').update(bytes).digest('hex') !== contentSha256) {
    return { kind: 'failed', message: 'the original is not the content that was announced' };
  }
  let slim: SlimPicture;
  try {
    slim = await slimPicture(bytes, limits);
  } catch (error) {
    const reason = error instanceof OriginalServed ? error.reason : 'corrupt';
    return { kind: 'original', reason };
  }
  return keep(slim, target);
}

async function keep({ format, bytes }: SlimPicture, target: string): Promise<EncoderReport> {
  try {
    await using file = await open(target, 'wx');
    await file.writeFile(bytes);
    await file.sync();
    return { kind: 'compressed', format, bytes: bytes.length };
  } catch (error) {
    return { kind: 'failed', message: messageOf(error) };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown';
}
