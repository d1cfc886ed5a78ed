import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { copyOfConfig, startCli } from '../cli/running-cli.ts';
import { shell } from './shell.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const PARTS = [...read('docs/fleets.md').matchAll(/```sh\n(.*?)```\n```text\n(.*?)```/gs)];
const [, EXAMPLE = ''] = /```ts\n(.*?)```/s.exec(read('docs/client.md')) ?? [];

test('who types the commands of docs/fleets.md, and runs docs/client.md, gets these answers', async () => {
  const directory = copyOfConfig();
  const running = await startCli(directory, ['start'], /"msg":"ready"/);
  const gateway = /gateway +(http:\S+)/.exec(running.banner)?.[1] ?? '';
  const outputs: string[] = [];
  for (const [, commands = ''] of PARTS) {
    const typed = commands.replace(/^slimgate (?:slim \w+|savings)/gm, `$& --gateway ${gateway}`);
    outputs.push(await shell(directory, typed));
  }
  const [one = '', many = '', saved = ''] = outputs;
  const [shownOne = '', shownMany = '', shownSaved = ''] = PARTS.map(([, , shown]) => shown);
  expect(one.replace(/request [0-9a-f-]{36}/g, 'request …')).toBe(shownOne);
  expect(many).toBe(shownMany);
  expect(saved.startsWith(shownSaved)).toBe(true);
  expect(saved).toMatch(/picture\.jpg +no-such-object\n/);

  const client = EXAMPLE.replace('slimgate/src/', `${ROOT}src/`).replace(
    'http://127.0.0.1:8080',
    gateway,
  );
  writeFileSync(join(directory, 'client.ts'), client);
  const printed = await shell(directory, `'${process.execPath}' client.ts`);
  expect(printed).toMatch(/status: 'on'/);
  expect(printed).toMatch(/method: 'DELETE'/);
  expect(printed).toMatch(/policy-denied .* [0-9a-f-]{36}\n$/);
}, 120_000);
