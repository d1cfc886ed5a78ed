import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { verifyJournal } from '../../src/audit/verify.ts';
import { APPENDER, journalIn, missingFrom, temporaryDirectory, until } from '../support/journal.ts';
import { intent } from '../support/journal-facts.ts';

function canMount(): boolean {
  const directory = mkdtempSync(join(tmpdir(), 'slimgate-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', directory], { stdio: 'ignore' });
    execFileSync('umount', [directory], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  } finally {
    rmdirSync(directory);
  }
}

describe('on a full disk', () => {
  test('(a limit of file size) nothing that was said to be durable is missing', async () => {
    const directory = await temporaryDirectory();
    const child = spawn('sh', [
      '-c',
      `ulimit -f 200; exec "$@"`,
      'sh',
      process.execPath,
      APPENDER,
      directory,
    ]);
    const said = (await text(child.stdout)).trim().split('\n');
    expect(said.length).toBeGreaterThan(16);
    expect(said.at(-1)).toBe('rejected');
    await journalIn(directory);
    expect((await verifyJournal(directory)).isIntact).toBe(true);
    expect(await missingFrom(directory, said.slice(0, -1))).toEqual([]);
  });

  test.skipIf(!canMount())(
    '(a small tmpfs) it refuses, and goes on when there is room again',
    async () => {
      const directory = await temporaryDirectory();
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', directory]);
      onTestFinished(() => void execFileSync('umount', ['-l', directory]));
      await writeFile(join(directory, 'filler'), Buffer.alloc(300_000));
      const journalDirectory = join(directory, 'journal');
      const journal = await journalIn(journalDirectory);
      const durable: unknown[] = [];
      const fill = async (): Promise<never> => {
        for (;;) durable.push((await journal.append(intent())).seq);
      };
      await expect(Promise.all(Array.from({ length: 8 }, fill))).rejects.toMatchObject({
        code: 'audit-unavailable',
      });
      await until(() => !journal.status().isWritable);
      expect(journal.status().problem).toMatch(/ENOSPC/);
      await rm(join(directory, 'filler'));
      await until(() => journal.status().isWritable);
      const { seq } = await journal.append(intent());
      expect(durable.length).toBeGreaterThan(50);
      expect(seq).toBeGreaterThan(durable.length);
      expect(await verifyJournal(journalDirectory)).toMatchObject({ isIntact: true, records: seq });
    },
  );
});
