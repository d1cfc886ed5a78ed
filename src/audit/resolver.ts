import { setTimeout } from 'node:timers/promises';
import type { RecordFacts } from './record.ts';
import {
  findingOf,
  type ResolutionFacts,
  type StateFacts,
  type UnknownOutcome,
} from './resolution.ts';

/** What asking the upstream for a bucket's state came to. */
export type Asked =
  | { readonly state: StateFacts }
  /** `isFinal`: to ask again would not help. */
  | { readonly code: string; readonly isFinal: boolean };

/** Finds out what became of changes whose outcome is unknown, in the background. */
export interface Resolver {
  /** Take a change in; one that is waiting or under way is not taken twice. */
  add(outcome: UnknownOutcome, orderedBy?: string | null): void;
  /** Those that are waiting or under way. */
  pending(): number;
  /** Give up what waits, and let what is under way come to its end. */
  close(): Promise<void>;
}

export interface ResolverOptions {
  /** Never rejects. */
  readonly ask: (outcome: UnknownOutcome) => Promise<Asked>;
  /** Writes a record and waits for it. */
  readonly record: (facts: RecordFacts) => Promise<unknown>;
  readonly onResolved: (outcome: UnknownOutcome, resolution: ResolutionFacts) => void;
  /** How long a change may still be on its way: before that nothing is asked. */
  readonly settleMs: number;
  /** Between one attempt and the next; there is one attempt more than pauses. */
  readonly retryMs?: readonly number[];
}

const CONCURRENT = 4;
const RETRY_MS = [1_000, 5_000, 30_000, 120_000];

export function createResolver(options: ResolverOptions): Resolver {
  const { settleMs, retryMs = RETRY_MS } = options;
  const stop = new AbortController();
  const waiting: { outcome: UnknownOutcome; orderedBy: string | null; notBefore: number }[] = [];
  const known = new Set<string>();
  const running = new Set<Promise<void>>();

  /** False when there is no more time. */
  const pause = (ms: number) =>
    setTimeout(ms, true, { ref: false, signal: stop.signal }).catch(() => false);

  async function askPatiently(outcome: UnknownOutcome): Promise<[Asked, number] | null> {
    for (let attempts = 1; ; attempts += 1) {
      const asked = await options.ask(outcome);
      const retry = retryMs[attempts - 1];
      if ('state' in asked || asked.isFinal || retry === undefined) return [asked, attempts];
      if (!(await pause(retry))) return null;
    }
  }

  async function recordPatiently(facts: RecordFacts): Promise<boolean> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        await options.record(facts);
        return true;
      } catch {
        // The journal says by itself why it cannot be written.
        const retry = retryMs[Math.min(attempt, retryMs.length - 1)] ?? 1_000;
        if (!(await pause(retry))) return false;
      }
    }
  }

  async function resolve(next: (typeof waiting)[number]): Promise<void> {
    const { outcome, orderedBy, notBefore } = next;
    const mayAsk = await pause(Math.max(0, notBefore - performance.now()));
    const found = mayAsk ? await askPatiently(outcome) : null;
    if (found === null) return;
    const resolution = resolutionOf(outcome, found, orderedBy);
    const isRecorded = await recordPatiently({ kind: 'resolved', outcome, resolution });
    if (isRecorded) options.onResolved(outcome, resolution);
  }

  function start(): void {
    while (running.size < CONCURRENT && !stop.signal.aborted) {
      const next = waiting.shift();
      if (next === undefined) return;
      const work = resolve(next).finally(() => {
        running.delete(work);
        known.delete(next.outcome.requestId);
        start();
      });
      running.add(work);
    }
  }

  return {
    add(outcome, orderedBy = null) {
      if (known.has(outcome.requestId)) return;
      known.add(outcome.requestId);
      waiting.push({ outcome, orderedBy, notBefore: performance.now() + settleMs });
      start();
    },
    pending: () => known.size,
    async close() {
      stop.abort();
      await Promise.all(running);
    },
  };
}

function resolutionOf(
  outcome: UnknownOutcome,
  [asked, attempts]: readonly [Asked, number],
  orderedBy: string | null,
): ResolutionFacts {
  const { state = null, code = null } = { ...asked } as { state?: StateFacts; code?: string };
  const finding = state === null ? 'not_asked' : findingOf(outcome, state);
  return { finding, state, code, attempts, orderedBy };
}
