import { GatewayError } from '../errors.ts';
import type { Entry } from './entry.ts';

/** Records that share a commit; `size` is that of their texts, in UTF-16 units. */
export interface Batch {
  readonly entries: Entry[];
  size: number;
  /** Runs from the batch's first record on. */
  timer: NodeJS.Timeout | undefined;
}

/** More than this is not taken in: the callers are told, which is better than to lose records. */
export const MAX_WAITING_RECORDS = 16_384;
const MAX_WAITING_SIZE = 16 * 1024 * 1024;

/** Whether no more records may wait. */
export function isFull({ entries, size }: Batch): boolean {
  return entries.length >= MAX_WAITING_RECORDS || size >= MAX_WAITING_SIZE;
}

/** A batch of these entries, without a time limit yet. */
export function batchOf(entries: Entry[]): Batch {
  const size = entries.reduce((sum, entry) => sum + sizeOf(entry), 0);
  return { entries, size, timer: undefined };
}

/** Put a record behind those that wait. */
export function add(batch: Batch, entry: Entry): void {
  batch.entries.push(entry);
  batch.size += sizeOf(entry);
}

function sizeOf({ members }: Entry): number {
  return members.reduce((sum, piece) => sum + piece.length, 0);
}

/** What is left of a batch when all who wait have been refused. */
export function refuse({ entries, timer }: Batch, error: GatewayError): Batch {
  clearTimeout(timer);
  for (const { waiter } of entries) waiter?.reject(error);
  return batchOf(entries.filter(({ isLasting }) => isLasting));
}

const RETRY_AFTER_SECONDS = '1';

/** What those who wait are told while records cannot be made durable; `problem` is for operators. */
export function unavailable(problem: string): GatewayError {
  return new GatewayError('audit-unavailable', 'nothing is done without its record; try again', {
    headers: { 'retry-after': RETRY_AFTER_SECONDS },
    cause: new Error(problem),
  });
}
