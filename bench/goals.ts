import { Comparison, cpuOf, medianLatencyOf, rateOf } from './comparison.ts';
import type { ProcessFigures } from './gateway-figures.ts';
import { decimal, markdownTable, whole } from './markdown.ts';
import type { Stretch } from './measure.ts';
import { BASE, DENIED, DIRECT, FASTIFY, OBVIOUS, WHOLE_JOB } from './scenarios.ts';

export interface GoalFacts {
  readonly stretches: readonly Stretch[];
  readonly process: ProcessFigures;
}

interface Goal {
  readonly title: string;
  readonly bound: string;
  readonly figure: (facts: MeasuredFacts) => number;
  readonly text: (figure: number) => string;
  readonly isMet: (figure: number) => boolean;
}

interface MeasuredFacts {
  readonly one: Comparison;
  readonly many: Comparison;
  readonly process: ProcessFigures;
}

const MANY = 64;

const GOALS: readonly Goal[] = [
  {
    title: 'CPU for a request, × http-proxy without logic',
    bound: '≤ 1.00',
    figure: ({ many }) => many.ratio(WHOLE_JOB, BASE, cpuOf),
    text: decimal,
    isMet: (ratio) => ratio <= 1,
  },
  {
    title: 'CPU for a request, × the job the plain way',
    bound: '≤ 0.45',
    figure: ({ many }) => many.ratio(WHOLE_JOB, OBVIOUS, cpuOf),
    text: decimal,
    isMet: (ratio) => ratio <= 0.45,
  },
  {
    title: 'requests/s, × @fastify/http-proxy without logic',
    bound: '> 1.00',
    figure: ({ many }) => many.ratio(WHOLE_JOB, FASTIFY, rateOf),
    text: decimal,
    isMet: (ratio) => ratio > 1,
  },
  {
    title: 'one caller: added to the upstream’s own median, ms',
    bound: '< 1.00',
    figure: ({ one }) => one.difference(WHOLE_JOB, DIRECT, medianLatencyOf),
    text: decimal,
    isMet: (ms) => ms < 1,
  },
  {
    title: 'CPU for a denied request, × an allowed one',
    bound: '< 0.50',
    figure: ({ many }) => many.ratio(DENIED, WHOLE_JOB, cpuOf),
    text: decimal,
    isMet: (ratio) => ratio < 0.5,
  },
  {
    title: 'start of the process to ready, ms',
    bound: '< 500',
    figure: ({ process }) => process.startMs,
    text: whole,
    isMet: (ms) => ms < 500,
  },
  {
    title: 'resident memory with 64 callers, MiB',
    bound: '< 120',
    figure: ({ process }) => process.loadMib,
    text: whole,
    isMet: (mib) => mib < 120,
  },
];

/** What is aimed at, what was measured, and whether that is enough: the whole job, journal synced. */
export function goalsTable({ stretches, process }: GoalFacts): string {
  const facts = {
    one: new Comparison(stretches, 1),
    many: new Comparison(stretches, MANY),
    process,
  };
  const rows = GOALS.map(({ title, bound, figure, text, isMet }) => {
    const value = figure(facts);
    return [title, bound, text(value), isMet(value) ? 'met' : 'not met'];
  });
  return markdownTable(['the whole job, 64 callers', 'goal', 'measured', ''], rows);
}
