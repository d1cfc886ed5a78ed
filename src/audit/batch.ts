import { GatewayError } from '../errors.ts';
import type { JournalPosition, UnsealedRecord } from './chain.ts';

/** Who waits for a record to be durable. */
export interface Waiter {
  readonly resolve: (position: JournalPosition) => void;
  readonly reject: (error: GatewayError) => void;
}

/** A record on its way; a note has no waiter. */
export interface Entry extends UnsealedRecord {
  readonly waiter: Waiter | null;
  /**
   * Whether it is still true when its waiter has been refused: an intent is not, the closing of a
   * request that went upstream is.
   */
  readonly isLasting: boolean;
}

/** Records that share a commit; `size` is that of their texts, in UTF-16 units. */
export interface Batch {
  readonly entries: Entry[];
  size: number;
  /** Runs from the batch's first record on. */
  timer: NodeJS.Timeout | undefined;
}

/** A batch of these entries, without a time limit yet. */
export function batchOf(entries: Entry[]): Batch {
  const size = entries.reduce((sum, { members }) => sum + members.length, 0);
  return { entries, size, timer: undefined };
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
