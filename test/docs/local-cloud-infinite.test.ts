import { execFile } from 'node:child_process';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { copyOfConfig, startCli } from '../cli/running-cli.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
const DOCUMENT = readFileSync(join(ROOT, 'docs/local-cloud-infinite.md'), 'utf8');
const [ALONE, ...SHOWN] = [...DOCUMENT.matchAll(/```sh\n(.*)\n```\n```text\n([^`]*)```/g)].map(
  ([, command = '', output = '']) => ({ command, output }),
);
const SCRIPT = /save this as `picture\.mjs`.*\n\n```js\n([^`]*(?:`[^`]+`[^`]*)*?)\n```/.exec(
  DOCUMENT,
)?.[1];

/** How many bytes a picture has is the compressor's business. */
const withoutSizes = (text: string) => text.replace(/\b\d{4,5}\b/g, 'N');

async function shell(directory: string, command: string): Promise<string> {
  const { stdout } = await promisify(execFile)('bash', ['-c', command], { cwd: directory });
  // A receipt is another one each time.
  return stdout.replace(/"receipt":"[^"]+"/, '"receipt":"…"');
}

test('the picture’s whole way gives the output that is shown', async () => {
  const directory = copyOfConfig();
  const running = await startCli(directory, ['start'], /"msg":"ready"/);
  const portOf = (name: string) =>
    new RegExp(`${name} +http://127\\.0\\.0\\.1:(\\d+)`).exec(running.banner)?.[1] ?? '';
  const onPorts = (text: string) =>
    text
      .replaceAll(':8080/', `:${portOf('gateway')}/`)
      .replaceAll('127.0.0.1:8082', `127.0.0.1:${portOf('local Cloud Infinite')}`);
  symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
  writeFileSync(join(directory, 'picture.mjs'), onPorts(SCRIPT ?? ''));

  expect(SHOWN).toHaveLength(5);
  const sizes: number[] = [];
  for (const { command, output } of SHOWN) {
    const given = await shell(directory, onPorts(command));
    expect(withoutSizes(given)).toBe(withoutSizes(output));
    sizes.push(...[...given.matchAll(/(?:downloaded|200) (\d+)/g)].map(([, size]) => Number(size)));
  }
  const [asItIs = 0, slim = 0, byUrl] = sizes;
  expect(slim).toBeLessThan(asItIs / 2);
  expect(byUrl).toBe(slim);
  expect(await running.stop('SIGTERM')).toMatchObject({ code: 0, stderr: '' });
}, 120_000);

test('it runs alone, and says where', async () => {
  const directory = copyOfConfig();
  const [, args = ''] = / -- (.*)$/.exec(ALONE?.command ?? '') ?? [];
  const words = args.replace('9000', '0').split(' ');
  const running = await startCli(directory, words, /listens on http:/);
  const anyPort = (text: string) => text.replace(/:\d+\n/, ':N\n');
  expect(anyPort(running.banner)).toBe(anyPort(ALONE?.output ?? ''));
  expect(await running.stop('SIGTERM')).toMatchObject({ code: 0, stderr: '' });
}, 20_000);
