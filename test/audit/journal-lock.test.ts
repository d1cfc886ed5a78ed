import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { verifyJournal } from '../../src/audit/verify.ts';
import { ConfigurationError } from '../../src/errors.ts';
import { APPENDER, journalIn, OPENING, temporaryDirectory } from '../support/journal.ts';

/** A process that has the journal open and appends to it. */
async function appender(directory: string) {
  const child = spawn(process.execPath, [APPENDER, directory], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(createInterface(child.stdout), 'line');
  return child;
}

test('a journal that another process writes is not opened, and the error names the process', async () => {
  const directory = await temporaryDirectory();
  const child = await appender(directory);
  const opened = journalIn(directory);
  await expect(opened).rejects.toThrow(ConfigurationError);
  await expect(opened).rejects.toThrow(`"pid":${child.pid}`);
});

test('the lock of a killed process ends with it', async () => {
  const directory = await temporaryDirectory();
  const child = await appender(directory);
  child.kill('SIGKILL');
  await once(child, 'exit');
  await journalIn(directory);
  const holder = JSON.parse(await readFile(join(directory, 'journal.holder.json'), 'utf8'));
  expect(holder).toEqual({ pid: process.pid, startedAt: '2025-03-01T12:00:00.000Z' });
});

test('of many that open at once exactly one gets the journal', async () => {
  const directory = await temporaryDirectory();
  const opened = await Promise.allSettled(Array.from({ length: 20 }, () => journalIn(directory)));
  expect(opened.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(await verifyJournal(directory)).toMatchObject({ isIntact: true, records: OPENING });
});

test('a journal that was closed, or failed to open, can be opened again', async () => {
  const directory = await temporaryDirectory();
  const first = await journalIn(directory);
  await expect(journalIn(directory)).rejects.toThrow(/in use/);
  await first.close();
  const openFile = () => Promise.reject(new Error('EMFILE'));
  await expect(journalIn(directory, { openFile })).rejects.toThrow('EMFILE');
  expect((await journalIn(directory)).status().isWritable).toBe(true);
});
