import { setTimeout as sleep } from 'node:timers/promises';
import type { SlimgateClient } from '../../client/client.ts';
import { type TenantOptions, tenantClient } from '../tenant-options.ts';

/** What goes over many buckets needs: one client, one pause for all, one way to stop. */
export interface Fleet {
  readonly client: SlimgateClient;
  readonly concurrency: number;
  /** Ends waits and reads; a change that was begun is let finish. */
  readonly signal: AbortSignal;
  /** Resolves when the gateway’s last `Retry-After` is over. */
  pause(): Promise<void>;
}

export interface FleetOptions extends TenantOptions {
  readonly file: string;
  readonly concurrency: number;
}

/** When the gateway asks one call to wait, all others wait as long before they begin. */
export function openFleet(options: Omit<FleetOptions, 'file'>, signal: AbortSignal): Fleet {
  let pausedUntil = 0;
  const client = tenantClient(options, {
    onWait: (waitMs) => {
      pausedUntil = Math.max(pausedUntil, performance.now() + waitMs);
    },
  });
  return {
    client,
    concurrency: options.concurrency,
    signal,
    async pause() {
      for (;;) {
        const leftMs = pausedUntil - performance.now();
        if (leftMs <= 0 || signal.aborted) return;
        await sleep(leftMs, undefined, { signal }).catch(() => {});
      }
    },
  };
}

/** Go over buckets, some at a time, until all are done, `act` says false, or it is stopped. */
export async function eachBucket<Item>(
  items: readonly Item[],
  fleet: Fleet,
  act: (item: Item) => Promise<boolean>,
): Promise<void> {
  const left = items.values();
  let isStopped = false;
  const work = async () => {
    for (;;) {
      await fleet.pause();
      if (isStopped || fleet.signal.aborted) return;
      const next = left.next();
      if (next.done) return;
      if (!(await act(next.value))) isStopped = true;
    }
  };
  await Promise.all(Array.from({ length: fleet.concurrency }, work));
}

/** A signal that the first SIGINT or SIGTERM gives; the second one ends the process. */
export function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (stop.signal.aborted) process.exit(1);
      process.stderr.write('slimgate: stopping; what was begun is finished\n');
      stop.abort();
    });
  }
  return stop.signal;
}
