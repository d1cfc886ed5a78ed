import { hash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import {
  type Journal,
  type JournalOptions,
  type JournalSettings,
  openJournal,
} from '../../src/audit/journal.ts';
import { type OpenSegmentFile, openSegmentFile } from '../../src/audit/segment.ts';
import { NOW } from './journal-facts.ts';
import { SETTINGS } from './journal-settings.ts';

export const SEGMENT = 'segment-00000001.jsonl';

/** A directory of its own that goes with the test. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'slimgate-journal-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

type JournalChoices = Partial<Omit<JournalOptions, 'settings'>> & {
  readonly settings?: Partial<JournalSettings>;
};

/** A journal on a real disk with patience, so that only what a test breaks is broken. */
export async function journalIn(
  directory: string,
  { settings, ...options }: JournalChoices = {},
): Promise<Journal> {
  const journal = await openJournal({
    directory,
    keyDirectory: directory,
    settings: { ...SETTINGS, ...settings },
    now: () => NOW,
    commitTimeoutMs: 15_000,
    ...options,
  });
  onTestFinished(() => journal.close().catch(() => undefined));
  return journal;
}

/** The lines of all segments; a torn last one is there too. */
export async function linesOf(directory: string): Promise<string[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.jsonl')).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(directory, name), 'utf8')));
  return texts.flatMap((text) => text.split('\n')).filter((line) => line !== '');
}

// The type is what tests look at; what a record may be is the shape's own business.
export async function recordsOf(directory: string): Promise<Record<string, unknown>[]> {
  return (await linesOf(directory)).map((line) => JSON.parse(line));
}

/** What a new journal holds once it is open: its segment's first record, its opening, a checkpoint. */
export const OPENING = 3;

/** The records that a journal does not write for its own sake. */
export async function eventsOf(directory: string): Promise<Record<string, unknown>[]> {
  const records = await recordsOf(directory);
  return records.filter(({ kind }) => kind !== 'checkpoint' && kind !== 'segment-opened');
}

export function writeSegment(directory: string, content: string | Buffer): Promise<void> {
  return writeFile(join(directory, SEGMENT), content);
}

/** Wait until something is so; the test's own time limit ends it otherwise. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await setTimeout(5);
}

/** What a test may count or break between the journal and its real file. */
export interface FileFaults {
  opens: number;
  syncs: number;
  afterWrite: () => Promise<void> | void;
  /** At most so many bytes are written by one call. */
  bytesPerWrite: number;
}

/** The real file with faults in between, which a test can switch at any time. */
export function faultyFile(): { faults: FileFaults; openFile: OpenSegmentFile } {
  const faults: FileFaults = {
    opens: 0,
    syncs: 0,
    afterWrite: () => undefined,
    bytesPerWrite: Infinity,
  };
  const openFile: OpenSegmentFile = async (path) => {
    faults.opens += 1;
    const file = await openSegmentFile(path);
    return {
      ...file,
      async append(bytes, offset) {
        const some = bytes.subarray(0, Math.min(bytes.length, offset + faults.bytesPerWrite));
        const taken = await file.append(some, offset);
        faults.syncs += 1;
        await faults.afterWrite();
        return taken;
      },
    };
  };
  return { faults, openFile };
}

/** The program that appends under load in a process of its own. */
export const APPENDER = join(import.meta.dirname, 'journal-appender.ts');

/** Of the positions that were said to be durable, as `seq hash`, those that the journal lacks. */
export async function missingFrom(directory: string, said: readonly string[]): Promise<string[]> {
  const lines = await linesOf(directory);
  return said.filter((position) => {
    const [seq, claimed] = position.split(' ');
    return claimed !== hash('sha256', lines[Number(seq) - 1] ?? '');
  });
}
