import { join } from 'node:path';
import { type PlacedRecord, recordsBehind } from './reading.ts';
import { numberOf } from './segment.ts';
import { asKind, firstRecord, segmentNames } from './segment-files.ts';

/** A record of an export; those outside of the range prove that the range is whole. */
export interface ExportedRecord extends PlacedRecord {
  readonly isInRange: boolean;
}

/** From a moment, inclusive, to another, exclusive. */
export interface TimeRange {
  readonly from: Date;
  readonly to: Date;
}

/**
 * The records of a time with their proof: an unbroken piece of the chain, from the record before the
 * first one to the first checkpoint behind the last one, which vouches for all of it. Nothing is
 * verified. A journal without a record of that time gives nothing.
 */
export async function* exportRecords(
  directory: string,
  { from, to }: TimeRange,
): AsyncGenerator<ExportedRecord, void, void> {
  const cutter = new RangeCutter(from.toISOString(), to.toISOString());
  const start = { number: await segmentBefore(directory, from.toISOString()), offset: 0 };
  for await (const { record } of recordsBehind(directory, start)) {
    yield* cutter.take(record);
    if (cutter.isDone) return;
  }
}

/** Cuts a piece out of a chain, record by record. */
class RangeCutter {
  readonly #from: string;
  readonly #to: string;
  #before: PlacedRecord | null = null;
  #place: 'before' | 'in' | 'behind' = 'before';
  isDone = false;

  constructor(from: string, to: string) {
    this.#from = from;
    this.#to = to;
  }

  take(record: PlacedRecord): ExportedRecord[] {
    const at = String(record.members.at);
    const taken: ExportedRecord[] = [];
    if (this.#place === 'before' && at >= this.#from) {
      // None is of the time: the first one behind it is all that comes.
      this.isDone = at >= this.#to;
      this.#place = 'in';
      if (this.#before !== null) taken.push({ ...this.#before, isInRange: false });
    }
    this.#before = record;
    if (this.#place === 'before' || this.isDone) return [];
    if (at >= this.#to) this.#place = 'behind';
    this.isDone = this.#place === 'behind' && record.members.kind === 'checkpoint';
    return [...taken, { ...record, isInRange: this.#place === 'in' }];
  }
}

/** The last segment that begins before a moment: the record before the moment is in it. */
async function segmentBefore(directory: string, moment: string): Promise<number> {
  let found = 1;
  for (const name of await segmentNames(directory)) {
    const header = asKind(await firstRecord(join(directory, name)), 'segment-opened');
    if (header !== null && header.at >= moment) break;
    found = numberOf(name);
  }
  return found;
}
