import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { journalIn } from '../support/journal.ts';
import { denial } from '../support/journal-facts.ts';

/** Settings for segments of some records. */
export const SMALL = { segmentBytes: 8_000 };
export const SECOND = 'segment-00000002.jsonl';

export async function segmentsOf(directory: string): Promise<string[]> {
  return (await readdir(directory)).filter((name) => name.endsWith('.jsonl')).sort();
}

export async function recordsIn(
  directory: string,
  name: string,
): Promise<Record<string, unknown>[]> {
  const text = await readFile(join(directory, name), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

/** A journal with some segments, one record a commit, closed. */
export async function segmented(directory: string, records = 30): Promise<void> {
  const journal = await journalIn(directory, { settings: SMALL });
  for (let count = 0; count < records; count += 1) await journal.append(denial());
  await journal.close();
}
