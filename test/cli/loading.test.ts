import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const ROOT = new URL('../../', import.meta.url);

/** What is loaded by the program when it starts a gateway, in a process of its own. */
const SCRIPT = `
import { registerHooks } from 'node:module';
const urls = [];
registerHooks({ load: (url, context, next) => { urls.push(url); return next(url, context); } });
process.argv = [process.argv[0], 'slimgate', '--version'];
await import('${ROOT}bin/slimgate.js');
const { linkQuickly } = await import('${ROOT}src/cli/link-quickly.ts');
const place = '${ROOT}src/cli/open-gateway.ts';
const quick = await linkQuickly(() => import(place));
console.log(JSON.stringify({
  isSame: quick === (await import(place)),
  urls: urls.filter((url) => url.startsWith('file:')),
  nodes: process.moduleLoadList,
}));
`;

interface Loaded {
  readonly isSame: boolean;
  readonly urls: readonly string[];
  readonly nodes: readonly string[];
}

async function loadedByStart(): Promise<Loaded> {
  const words = ['--input-type=module', '--eval', SCRIPT];
  const { stdout } = await promisify(execFile)(process.execPath, words, { maxBuffer: 2 ** 24 });
  return JSON.parse(stdout.split('\n').at(1) ?? '');
}

test('a start loads each module once, and none that only other verbs or settings need', async () => {
  const { isSame, urls, nodes } = await loadedByStart();
  expect(isSame).toBe(true);
  expect(urls).toContain(`${ROOT}src/services.ts`);
  expect(new Set(urls).size).toBe(urls.length);
  const others =
    /node_modules\/(?:pg|sharp|cli-progress|jose|http-proxy)\/|\/src\/(?:simulator|client|cli\/doctor|cli\/fleet)\//;
  expect(urls.filter((url) => others.test(url))).toEqual([]);
  // Node's own fetch, which comes with names of `node:http` that nobody here uses.
  expect(nodes).not.toContain('NativeModule internal/deps/undici/undici');
});
