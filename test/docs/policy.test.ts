import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LINT_CODES } from '../../src/policy/findings.ts';
import { copyOfConfig, startCli } from '../cli/running-cli.ts';
import { shell } from './shell.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
const DOCUMENT = readFileSync(join(ROOT, 'docs/policy.md'), 'utf8');
const [, ASKING = ''] = /## Asking the table\n(.*?)\n## /s.exec(DOCUMENT) ?? [];
const [, VERSIONS = ''] = /## Versions\n(.*?)\n## /s.exec(DOCUMENT) ?? [];
const blocks = (text: string, kind: string) =>
  [...text.matchAll(/```(\w*)\n(.*?)```\n/gs)]
    .filter(([, found]) => found === kind)
    .map(([, , block = '']) => block);
const COMMANDS = blocks(ASKING, 'sh');

/** A directory as a security engineer finds it: a configuration, and the journal of two calls. */
async function servedDirectory(): Promise<string> {
  const directory = copyOfConfig();
  const running = await startCli(directory, ['start'], /"msg":"ready"/);
  const url = /gateway +(http:\S+)/.exec(running.banner)?.[1];
  const path = '/v1/regions/ap-shanghai/buckets/examplebucket-1250000000/image-slim';
  const authorization = `Bearer ${readFileSync(join(directory, 'var/tokens/photos.jwt'), 'utf8')}`;
  for (const method of ['DELETE', 'GET']) {
    expect((await fetch(`${url}${path}`, { method, headers: { authorization } })).ok).toBe(true);
  }
  await running.stop('SIGTERM');
  return directory;
}

test('a security engineer who types the commands of docs/policy.md gets these answers', async () => {
  const directory = await servedDirectory();
  const outputs: string[] = [];
  for (const commands of COMMANDS) outputs.push(await shell(directory, commands));
  expect(COMMANDS).toHaveLength(5);
  const [linted = '', explained = '', asked = '', changed = '', replayed = ''] = outputs;

  expect(linted).toBe('0 errors, 0 warnings, 0 notes\n');
  const [, shown = ''] = /```\n(photos enable.*?)```/s.exec(ASKING) ?? [];
  expect(explained).toBe(shown);
  expect(asked).toMatch(/^photos \(as media\): always, by photos-examplebucket\n/);
  expect(asked).toMatch(
    /intern \(as reader\): depending on the request, by intern-examplebucket\n/,
  );
  expect(asked).toMatch(
    /enable, describe, savings, but for what intern-never-switches-off denies\n/,
  );
  expect(changed).toMatch(/^0 errors/);
  expect(changed).toContain('- photos loses ci:SetImageSlim (disable), one kind of request\n');
  expect(changed).toContain('after: explicit-deny photos-never-switches-off\n');
  expect(changed.match(/^[+-] /gm)).toHaveLength(1);
  expect(replayed).toMatch(/^photos disable: 1 would be denied\n/);
  expect(replayed).toMatch(/2 decisions: 1 unchanged, 1 would flip, 0 not replayable\n$/);
}, 120_000);

/** Without what is another each time: the digest behind a version's number, and the moment. */
const form = (text: string) =>
  text.replace(/(?<=\d:)[0-9a-f]{16}/g, '#').replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '#');

test('a security engineer who follows docs/policy.md changes the table of a started gateway, and takes it back', async () => {
  const directory = copyOfConfig();
  const running = await startCli(directory, ['start'], /"msg":"ready"/);
  const url = /health +(http:\S+)\/readyz/.exec(running.banner)?.[1] ?? '';
  const commands = blocks(VERSIONS, 'sh').join('').replaceAll('http://127.0.0.1:8081', url);
  const output = form(await shell(directory, commands));
  const [planned = '', explained = ''] = blocks(VERSIONS, '').map(form);
  expect(output.startsWith(planned)).toBe(true);
  expect(output).toContain(`security  photos keeps compression on\n${explained}from version 2:#:`);
  expect(output).toMatch(/in force: 3:# {2}# {2}security {2}too early\n3:# .*\n2:# .*\n1:# /);
  expect(output).toMatch(/closing {2}security apply-policy version 1 .* to version 2 /);
}, 120_000);

test('the page names every code of lint, and no other', () => {
  const named = [...ASKING.matchAll(/^\| `([a-z-]+)`/gm)].map(([, code]) => code);
  expect(named).toEqual(Object.keys(LINT_CODES));
});
