import type { JournalPosition } from './chain.ts';
import type { Entry } from './entry.ts';
import { MAX_SIGNED_TOGETHER, type Receipt, signReceipts } from './receipt.ts';
import type { SigningKey } from './signing-key.ts';

type Closing = Pick<Receipt, 'seq' | 'hash' | 'requestId'>;
type MadeReceipt = Closing & { readonly receipt: string };

/** Issues receipts. */
export interface ReceiptDesk {
  /**
   * Make the receipts of those closings of a commit that somebody waits for, while the disk takes
   * them: a signature, which they share, costs more than all else that is done for a record.
   * INVARIANT: one is given only to who names its place, which is told when that is durable. Never
   * throws.
   */
  prepare(entries: readonly Entry[], positions: readonly JournalPosition[]): void;
  /** The one that was made for the last commit; any other is signed by itself. */
  receipt(position: JournalPosition, requestId: string): Promise<string>;
}

/** Open the desk of a journal; `now` tells the time of a signature. */
export function createReceiptDesk(desk: {
  readonly journal: string;
  readonly key: SigningKey;
  readonly now: () => Date;
}): ReceiptDesk {
  const { journal, key, now } = desk;
  let made = new Map<number, MadeReceipt>();

  function make(closings: readonly Closing[]): MadeReceipt[] {
    const at = now().toISOString();
    const facts = closings.map((closing) => ({ journal, ...closing, at }));
    const receipts = signReceipts(facts, key);
    return facts.map((one, index) => ({ ...one, receipt: receipts[index] ?? '' }));
  }

  return {
    prepare(entries, positions) {
      made = new Map();
      const closings = awaitedClosings(entries, positions);
      try {
        for (let from = 0; from < closings.length; from += MAX_SIGNED_TOGETHER) {
          const some = closings.slice(from, from + MAX_SIGNED_TOGETHER);
          for (const one of make(some)) made.set(one.seq, one);
        }
      } catch {
        // The write goes on; who asks for one that is missing is told what is wrong.
      }
    },

    async receipt({ seq, hash }, requestId) {
      const one = made.get(seq);
      const isOfIt = one?.hash === hash && one.requestId === requestId;
      const [receipt] = isOfIt ? [one] : make([{ seq, hash, requestId }]);
      return receipt?.receipt ?? '';
    },
  };
}

function awaitedClosings(
  entries: readonly Entry[],
  positions: readonly JournalPosition[],
): Closing[] {
  return entries.flatMap(({ kind, requestId, waiter }, index) => {
    const position = positions[index];
    const isAwaited = kind === 'closing' && waiter !== null;
    if (!isAwaited || requestId === null || position === undefined) return [];
    return [{ ...position, requestId }];
  });
}
