import { join } from 'node:path';
import { readRecord } from './chain.ts';
import { readLines } from './lines.ts';
import { numberOf, segmentName } from './segment.ts';
import { segmentNames } from './segment-files.ts';

/** A record with its line and where it stands. Nothing of it is verified. */
export interface PlacedRecord {
  readonly segment: string;
  readonly line: number;
  /** Without the newline. */
  readonly text: string;
  readonly members: Readonly<Record<string, unknown>>;
}

/** Where reading has come to. */
export interface ReadingPlace {
  readonly number: number;
  readonly offset: number;
}

/** The last records of a journal, oldest first, and the place behind them. */
export async function lastRecords(
  directory: string,
  count: number,
): Promise<{ records: PlacedRecord[]; end: ReadingPlace }> {
  const names = await segmentNames(directory);
  let records: PlacedRecord[] = [];
  let end: ReadingPlace | null = null;
  for (const number of names.map(numberOf).reverse()) {
    if (end !== null && records.length >= count) break;
    const found: PlacedRecord[] = [];
    let offset = 0;
    for await (const { record, next } of recordsFrom(directory, { number, offset })) {
      found.push(record);
      if (found.length > count) found.shift();
      offset = next;
    }
    records = [...found, ...records].slice(-count);
    end ??= { number, offset };
  }
  return { records: count === 0 ? [] : records, end: end ?? { number: 1, offset: 0 } };
}

/** All records that are there, oldest first: the first segments may have been pruned. */
export async function* allRecords(directory: string): AsyncGenerator<PlacedRecord, void, void> {
  for (const number of (await segmentNames(directory)).map(numberOf)) {
    for await (const { record } of recordsFrom(directory, { number, offset: 0 })) yield record;
  }
}

/** All records of one request, oldest first. */
export async function* recordsOfRequest(
  directory: string,
  requestId: string,
): AsyncGenerator<PlacedRecord, void, void> {
  for (const number of (await segmentNames(directory)).map(numberOf)) {
    for await (const { record } of recordsFrom(directory, { number, offset: 0 }, requestId)) {
      if (record.members.requestId === requestId) yield record;
    }
  }
}

/**
 * The records that are written behind a place, for ever, from one segment into the next.
 * @param pause waits until it is worth looking again
 */
export async function* followRecords(
  directory: string,
  { number, offset }: ReadingPlace,
  pause: () => Promise<unknown>,
): AsyncGenerator<PlacedRecord, void, void> {
  for (let [current, from] = [number, offset]; ; await pause()) {
    // Whether there is a next segment is asked first: then nothing comes to this one any more.
    const isSealed = numberOf((await segmentNames(directory)).at(-1) ?? '') > current;
    for await (const { record, next } of recordsFrom(directory, {
      number: current,
      offset: from,
    })) {
      yield record;
      from = next;
    }
    if (isSealed) [current, from] = [current + 1, 0];
  }
}

/** The records that stand behind a place now, each with the place behind it. */
export async function* recordsBehind(
  directory: string,
  place: ReadingPlace,
): AsyncGenerator<ReadingPlace & { readonly record: PlacedRecord }, void, void> {
  for (const from of await placesBehind(directory, place)) {
    for await (const { record, next } of recordsFrom(directory, from)) {
      yield { record, number: from.number, offset: next };
    }
  }
}

/** Where to begin in each segment. */
async function placesBehind(
  directory: string,
  { number, offset }: ReadingPlace,
): Promise<ReadingPlace[]> {
  const numbers = (await segmentNames(directory)).map(numberOf).filter((one) => one >= number);
  return numbers.map((one) => ({ number: one, offset: one === number ? offset : 0 }));
}

/** The whole records of a segment from a place on; `next` is the place behind each. */
async function* recordsFrom(
  directory: string,
  { number, offset }: ReadingPlace,
  text = '',
): AsyncGenerator<{ record: PlacedRecord; next: number }, void, void> {
  const segment = segmentName(number);
  for await (const { number: line, bytes, end } of readLines(join(directory, segment), offset)) {
    const record = bytes?.includes(text) ? readRecord(bytes) : null;
    if (bytes === null || record === null) continue;
    yield { record: { segment, line, text: bytes.toString(), members: record.members }, next: end };
  }
}
