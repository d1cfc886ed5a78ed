import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { PUBLIC_KEY_FILE, parsePublicKeys } from '../../src/audit/signing-key.ts';
import { verifyJournal } from '../../src/audit/verify.ts';
import { APPENDER, journalIn, missingFrom, temporaryDirectory } from '../support/journal.ts';
import { PATIENCE, times } from '../support/runs.ts';

/** Journals, and how often the process that writes one is killed: `TEST_RUNS=10` does 200 kills. */
const JOURNALS = times(4);
const KILLS = 5;
/** Some dozens of records: a segment is begun every few milliseconds. */
const SEGMENT_BYTES = 40_000;

/** Let a process append under load, kill it at a random moment, and tell what it had said. */
async function killed(directory: string, compileCache: string): Promise<string[]> {
  const child = spawn(process.execPath, [APPENDER, directory, String(SEGMENT_BYTES)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
  });
  const output: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  // One in five is killed while it may still be opening the journal.
  if (Math.random() < 0.8) await once(child.stdout, 'data');
  await setTimeout(Math.random() * 30);
  child.kill('SIGKILL');
  await once(child, 'close');
  return Buffer.concat(output).toString().split('\n').slice(0, -1);
}

test(
  'a process that is killed at any moment leaves a journal with all that it said was durable',
  async () => {
    const compileCache = await temporaryDirectory();
    const seen = { positions: 0, openIntents: 0, segments: 0 };
    const killAgain = async (directory: string) => {
      const said = await killed(directory, compileCache);
      const journal = await journalIn(directory);
      await journal.close();
      expect(await missingFrom(directory, said)).toEqual([]);
      const keys = parsePublicKeys(await readFile(join(directory, PUBLIC_KEY_FILE), 'utf8'));
      const report = await verifyJournal(directory, { keys });
      expect(report).toMatchObject({ isIntact: true, openIntents: [], unsigned: 0 });
      seen.positions += said.length;
      seen.openIntents += journal.recovery.openIntents.length;
    };
    const segmentsOf = async (directory: string) =>
      (await readdir(directory)).filter((name) => name.endsWith('.jsonl')).length;
    const directories = await Promise.all(Array.from({ length: JOURNALS }, temporaryDirectory));
    const lane = async () => {
      for (
        let directory = directories.pop();
        directory !== undefined;
        directory = directories.pop()
      ) {
        for (let kill = 0; kill < KILLS; kill += 1) await killAgain(directory);
        seen.segments += await segmentsOf(directory);
      }
    };
    await Promise.all([lane(), lane()]);
    // Otherwise the kills came too early to show anything.
    expect(seen.positions).toBeGreaterThan(JOURNALS * KILLS);
    expect(seen.openIntents).toBeGreaterThan(JOURNALS);
    expect(seen.segments).toBeGreaterThan(JOURNALS);
  },
  PATIENCE,
);
