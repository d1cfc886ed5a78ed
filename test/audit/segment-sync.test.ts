import { constants } from 'node:fs';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { journalIn, SEGMENT, temporaryDirectory } from '../support/journal.ts';

test.runIf(process.platform === 'linux')(
  'the segment of an open journal is open for writes that return when they are synced',
  async () => {
    const directory = await temporaryDirectory();
    await journalIn(directory);
    const flags = await flagsOf(join(directory, SEGMENT));
    expect(flags).not.toEqual([]);
    for (const flag of flags) expect(flag & constants.O_DSYNC).toBe(constants.O_DSYNC);
  },
);

/** With which flags this process has a file open for writing. Source: proc_pid_fdinfo(5). */
async function flagsOf(path: string): Promise<number[]> {
  const flags: number[] = [];
  for (const fd of await readdir('/proc/self/fd')) {
    // One that was open while it was listed may be closed by now.
    if ((await readlink(`/proc/self/fd/${fd}`).catch(() => '')) !== path) continue;
    const facts = await readFile(`/proc/self/fdinfo/${fd}`, 'utf8');
    const found = Number.parseInt(/^flags:\s*([0-7]+)/m.exec(facts)?.[1] ?? '0', 8);
    if ((found & constants.O_WRONLY) !== 0) flags.push(found);
  }
  return flags;
}
