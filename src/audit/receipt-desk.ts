import type { JournalPosition } from './chain.ts';
import { MAX_SIGNED_TOGETHER, type Receipt, signReceipts } from './receipt.ts';
import type { SigningKey } from './signing-key.ts';

interface Asked {
  readonly facts: Omit<Receipt, 'keyId'>;
  readonly give: (receipt: string) => void;
}

/**
 * Issue receipts. Those whose records became durable together are asked for in one go, and share
 * one signature: a signature costs more than all else that is done for a record.
 */
export function createReceiptDesk(desk: {
  readonly journal: string;
  readonly key: SigningKey;
  readonly now: () => Date;
}): (position: JournalPosition, requestId: string) => Promise<string> {
  let asked: Asked[] = [];

  function signAsked(): void {
    const together = asked;
    asked = [];
    if (together.length === 0) return;
    const receipts = signReceipts(
      together.map(({ facts }) => facts),
      desk.key,
    );
    together.forEach(({ give }, index) => {
      give(receipts[index] ?? '');
    });
  }

  return function receipt(position, requestId) {
    const { promise, resolve } = Promise.withResolvers<string>();
    const at = desk.now().toISOString();
    asked.push({ facts: { journal: desk.journal, ...position, requestId, at }, give: resolve });
    // Behind all that the same commit has woken.
    if (asked.length === 1) queueMicrotask(signAsked);
    else if (asked.length === MAX_SIGNED_TOGETHER) signAsked();
    return promise;
  };
}
