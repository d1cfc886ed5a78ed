import { setTimeout } from 'node:timers/promises';
import {
  followRecords,
  lastRecords,
  type PlacedRecord,
  recordsOfRequest,
} from '../audit/reading.ts';
import { blockOf, lineOf } from './audit-lines.ts';

interface ReadingOptions {
  readonly journal: string;
  /** The lines as they stand in the journal. */
  readonly json: boolean;
}

export interface TailOptions extends ReadingOptions {
  readonly lines: number;
  readonly follow: boolean;
}

const LOOK_AGAIN_MS = 500;

/** The last records of a journal, and with `follow` those that come. Nothing is verified. */
export async function printTail({ journal, lines, follow, json }: TailOptions): Promise<void> {
  const print = (record: PlacedRecord) => {
    process.stdout.write(`${json ? record.text : lineOf(record)}\n`);
  };
  const { records, end } = await lastRecords(journal, lines);
  records.forEach(print);
  if (!follow) return;
  for await (const record of followRecords(journal, end, () => setTimeout(LOOK_AGAIN_MS))) {
    print(record);
  }
}

/** Everything that the journal says of a request. */
export async function printRequest(
  requestId: string,
  { journal, json }: ReadingOptions,
): Promise<void> {
  let count = 0;
  for await (const record of recordsOfRequest(journal, requestId)) {
    process.stdout.write(`${json ? record.text : `${blockOf(record)}\n`}\n`);
    count += 1;
  }
  if (count > 0) return;
  process.stderr.write(`no record of request ${JSON.stringify(requestId)} in ${journal}\n`);
  process.exitCode = 1;
}
