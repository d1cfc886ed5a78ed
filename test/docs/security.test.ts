import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { copyOfConfig, startCli } from '../cli/running-cli.ts';
import { shell } from './shell.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
const DOCUMENT = readFileSync(join(ROOT, 'docs/security.md'), 'utf8');
const [INSPECT = '', MEASURE = '', REVOKE = '', ...FURTHER] = [
  ...DOCUMENT.matchAll(/```sh\n([^`]+)```/g),
].map(([, commands = '']) => commands);

test('who types the commands of docs/security.md inspects a token, revokes, lists and lifts', async () => {
  expect(FURTHER).toEqual([]);
  // It measures for minutes: that it is there must do.
  const [, script = ''] = /^npm run (\S+) #/.exec(MEASURE) ?? [];
  expect(packageJson.scripts).toHaveProperty(script);

  const directory = copyOfConfig();
  const running = await startCli(directory, ['start'], /"msg":"ready"/);
  const [, url = ''] = /gateway +(http:\S+)/.exec(running.banner) ?? [];
  const [, admin = ''] = /health +(http:\S+)\/readyz/.exec(running.banner) ?? [];
  const token = (tenant: string) => join(directory, `var/tokens/${tenant}.jwt`);
  copyFileSync(token('photos'), join(directory, 'token.jwt'));
  copyFileSync(token('intern'), join(directory, 'captured.jwt'));
  const code = async (tenant: string) => {
    const authorization = `Bearer ${readFileSync(token(tenant), 'utf8')}`;
    const path = '/v1/regions/ap-shanghai/buckets/examplebucket-1250000000/image-slim';
    const answer = await fetch(url + path, { headers: { authorization } });
    return answer.ok ? null : ((await answer.json()) as { code: string }).code;
  };
  expect([await code('photos'), await code('intern')]).toEqual([null, null]);

  const there = REVOKE.replace(/^slimgate token \w+/gm, `$& --admin ${admin}`);
  const last = `"$(slimgate token revocations --admin ${admin} | tail -1 | cut -d' ' -f1)"`;
  const output = await shell(directory, `${INSPECT}${there.replace(/(?<=lift .*)\bID\b/, last)}`);
  const [inspected = '', changed = ''] = output.split(/(?=^revoked: )/m, 2);
  expect(inspected).toMatch(/photos/);
  const lines = output.slice(inspected.length).trimEnd().split('\n');
  expect(changed).not.toContain(readFileSync(token('intern'), 'utf8').split('.')[1]);
  expect(lines.map((line) => line.replace(/ {2}(?:intern|security) .*/, ''))).toEqual([
    expect.stringMatching(/^revoked: \S+ {2}token \S+ of \S+ {2}for good/),
    expect.stringMatching(
      /^revoked: \S+ {2}subject ci-robot of https:\/\/issuer\.slimgate\.local {2}until/,
    ),
    expect.stringMatching(/^revoked: \S+ {2}tenant photos {2}for good/),
    expect.stringMatching(/^\S+ {2}token /),
    expect.stringMatching(/^\S+ {2}subject ci-robot /),
    expect.stringMatching(/^\S+ {2}tenant photos /),
    expect.stringMatching(/^lifted: \S+ {2}tenant photos /),
  ]);
  expect([await code('photos'), await code('intern')]).toEqual([null, 'token-revoked']);
}, 60_000);
