import { answerParent } from '../children/answer-parent.ts';
import { percentile } from '../statistics.ts';
import { SUBJECTS, type SubjectName } from './subjects.ts';
import { requestsTo, rowsOf, type Size } from './world.ts';

/** What the parent may ask. */
export type Order =
  | { readonly do: 'load'; readonly subject: SubjectName; readonly size: Size }
  /** How long to measure: no request is broken off. */
  | { readonly do: 'decide'; readonly milliseconds: number };

export interface LoadFigures {
  readonly milliseconds: number;
  /** What the process has grown by; of the rows it was loaded from, what the table keeps. */
  readonly bytes: number;
  /** The answer to each request that there was time for, as 0 and 1. */
  readonly answers: string;
}

export interface DecideFigures {
  readonly perSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

/** Different requests that are asked over and over. */
const REQUESTS = 1000;
/** For a peer that is too slow to be asked all of them. */
const ANSWER_MS = 2000;

let deciders: (() => boolean)[] = [];

answerParent<Order, LoadFigures | DecideFigures>(async (order) =>
  order.do === 'load' ? load(order) : decideFor(order.milliseconds),
);

async function load({ subject, size }: Order & { do: 'load' }): Promise<LoadFigures> {
  collectGarbage();
  const before = process.memoryUsage();
  let rows = rowsOf(size);
  const startedAt = performance.now();
  const { prepare } = await SUBJECTS[subject].load(rows, size);
  const milliseconds = performance.now() - startedAt;
  const requests = requestsTo(size, REQUESTS).map(prepare);
  rows = [];
  collectGarbage();
  const after = process.memoryUsage();
  const answers = answersOf(requests);
  deciders = requests.slice(0, answers.length);
  const heap = after.heapUsed - before.heapUsed;
  const outside = after.arrayBuffers + after.external - before.arrayBuffers - before.external;
  return { milliseconds, bytes: heap + outside, answers };
}

function answersOf(requests: readonly (() => boolean)[]): string {
  const until = performance.now() + ANSWER_MS;
  let answers = '';
  for (const decide of requests) {
    answers += decide() ? '1' : '0';
    if (performance.now() > until) break;
  }
  return answers;
}

/** All together for the rate, then each alone: reading the clock costs as much as a decision. */
function decideFor(milliseconds: number): DecideFigures {
  const decisions = repeat(milliseconds, (decide) => void decide());
  const times: number[] = [];
  repeat(milliseconds, (decide) => {
    const startedAt = performance.now();
    decide();
    times.push(performance.now() - startedAt);
  });
  const sorted = Float64Array.from(times).sort();
  return {
    perSecond: decisions,
    p50Us: percentile(sorted, 0.5) * 1000,
    p99Us: percentile(sorted, 0.99) * 1000,
  };
}

/** @returns how many a second */
function repeat(milliseconds: number, ask: (decide: () => boolean) => void): number {
  const startedAt = performance.now();
  let asked = 0;
  let elapsed = 0;
  while (elapsed < milliseconds) {
    for (let i = 0; i < 100 && elapsed < milliseconds; i += 1) {
      const decide = deciders[asked % deciders.length];
      if (decide === undefined) throw new Error('nothing is loaded');
      ask(decide);
      asked += 1;
      // A slow one is not asked a hundred times between two looks at the clock.
      if (deciders.length < REQUESTS) elapsed = performance.now() - startedAt;
    }
    elapsed = performance.now() - startedAt;
  }
  return (asked * 1000) / elapsed;
}

function collectGarbage(): void {
  globalThis.gc?.();
}
