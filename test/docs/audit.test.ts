import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { copyOfConfig, startCli } from '../cli/running-cli.ts';
import { shell } from './shell.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
const DOCUMENT = readFileSync(join(ROOT, 'docs/audit.md'), 'utf8');
const COMMANDS = [...DOCUMENT.matchAll(/```sh\n([^`]+)```/g)].map(([, commands = '']) => commands);

/** A directory as an auditor finds it: a gateway's state, its log, and the receipt of a call. */
async function auditedDirectory(): Promise<string> {
  const directory = copyOfConfig();
  const running = await startCli(directory, ['start'], /"msg":"ready"/);
  const url = /gateway +(http:\S+)/.exec(running.banner)?.[1];
  const [bucket] = /examplebucket-\d+/.exec(running.banner) ?? [];
  const answer = await fetch(`${url}/v1/regions/ap-shanghai/buckets/${bucket}/image-slim`, {
    method: 'PUT',
    headers: {
      authorization: `Bearer ${readFileSync(join(directory, 'var/tokens/photos.jwt'), 'utf8')}`,
      'content-type': 'application/json',
    },
    body: '{"modes":["API"]}',
  });
  expect(answer.status).toBe(200);
  writeFileSync(join(directory, 'receipt.txt'), `${answer.headers.get('slimgate-receipt')}\n`);
  writeFileSync(join(directory, 'gateway.log'), (await running.stop('SIGTERM')).stdout);
  return directory;
}

test('an auditor who types the commands of docs/audit.md has verified a journal, and sees the report it shows', async () => {
  const directory = await auditedDirectory();
  const outputs: string[] = [];
  for (const commands of COMMANDS) outputs.push(await shell(directory, commands));
  const [verified = '', witnessed = '', chain = '', checkpoint = '', receipt = '', read = ''] =
    outputs;
  const [, , , , , , searched = '', exported = '', pruned = '', unresolved = ''] = outputs;
  expect(COMMANDS).toHaveLength(10);

  expect(verified).toMatch(
    /^intact: 8 records, 1 segments, journal [\w-]{22}\nsigned: 2 checkpoints/,
  );
  expect(witnessed).toMatch(/checkpoints from elsewhere: 2 of 2 stand\n[\s\S]*receipt: stands\n/);
  const [hash, previous] = chain.trim().split('\n');
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  expect(previous).toBe(hash);
  const [keyId = '?', ...rest] = checkpoint.trim().split('\n');
  expect(verified).toContain(`key ${keyId}`);
  expect(rest).toEqual(['Signature Verified Successfully']);
  expect(receipt).toBe('Signature Verified Successfully\n');
  expect(read).toMatch(/checkpoint {2}vouches for record 7[\s\S]*kind: closing/);
  expect(searched).toMatch(/intent {2}photos enable/);
  expect(exported).toMatch(/^intact: records 1 to 8 without a gap/);
  expect(pruned).toMatch(/^no whole segment is older/);
  expect(unresolved).toBe('');

  // The report that the page shows has the lines of a report.
  const [, shown = ''] = /```\n(intact:[^`]+)```/.exec(DOCUMENT) ?? [];
  const form = (text: string) => text.replace(/[0-9a-f]{4,}\S*|\d\S*|journal \S+/g, '#').trim();
  expect(form(shown)).toBe(form(verified));
}, 120_000);
