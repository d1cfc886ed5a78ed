import type { Machine } from '../machine.ts';
import type { Figures } from './measure.ts';
import { SUBJECTS } from './subjects.ts';

const HEAD = [
  '',
  'statements',
  'tenants',
  'decisions/s',
  'p50 µs',
  'p99 µs',
  'load ms',
  'MiB',
  'asked',
];

/** The figures as Markdown. */
export function figuresTable(figures: readonly Figures[]): string {
  const rows = figures.map(({ subject, size, perSecond, p50Us, p99Us, loadMs, bytes, agreed }) => [
    SUBJECTS[subject].title,
    whole(size.statements),
    whole(size.tenants),
    perSecond < 10 ? short(perSecond) : whole(perSecond),
    short(p50Us),
    short(p99Us),
    whole(loadMs),
    short(bytes / 2 ** 20),
    whole(agreed),
  ]);
  const rule = HEAD.map((_, column) => (column === 0 ? '---' : '---:'));
  return [HEAD, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** The whole of docs/policy-benchmarks.md. */
export function policyPage(
  figures: readonly Figures[],
  machine: Machine,
  measuredAt: Date,
): string {
  return `# How fast the policy table decides

This page is written by \`npm run bench:policy\`; to change it, change \`bench/policy/\` and run it again.

Measured ${measuredAt.toISOString().slice(0, 10)} on ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGib} GiB, Node ${machine.node}.

${figuresTable(figures)}

## What is measured

- Half of the statements are on one bucket each; the others have a star: behind a beginning of names, in one region or
  in all, or before and behind a part of names. One in five holds for one network alone; one in ten denies.
- A thousand different requests from all over the table are asked over and over: allowed and denied, from inside and
  outside of the network, by tenants who have a statement on the bucket and by some who may not. With one tenant, all
  statements are candidates at every decision.
- Every subject decides the same requests on the same table, and has to answer as Slimgate does, or the run fails;
  *asked* is how many of them: a slow peer gets as many as it can answer in two seconds, and a size that would take it
  minutes to load is left out.
- *Load* is from rows in memory to the first decision, in a process that has loaded nothing before. *MiB* is what the
  heap and what is outside of it have grown by, a thousand prepared requests included.
- *Decisions/s* are timed together, *p50* and *p99* each alone, which adds the cost of reading the clock. Every row has a
  process of its own; after a warm-up they take turns, and a figure is the median over the rounds.
- casbin has a model with deny overriding, the cheapest comparison first, and our own matching of stars, because its own
  knows a star at the end only; it is asked synchronously. Cedar's policies are parsed before, with \`like\` and
  \`isInRange\`. Both look at every statement of the table at every decision, which is what the figures show.

## What the figures do not say

- A decision does the same in a small table as in a large one: here it looks up 3 of the 9 texts that a path has, and
  finds one statement. What grows is the time that memory takes. Each text looked up is one place in memory, and each
  statement found is five: its place in the list, its entry, its pattern in two parts, its id. In a table of ten all of them
  are in the first cache; in one of a million none is, nor is where the system keeps their addresses, and one place takes
  about eight times as long ([decisions/0020](decisions/0020-the-index-is-one-array-of-numbers.md)).
- Requests that come back find their statements in the processor's caches. One that was never asked waits still longer.
- Rows on one bucket with a different condition each are asked one after the other, at any size of the table
  ([decisions/0011](decisions/0011-statements-are-filed-by-what-their-pattern-asks.md)).
- Absolute figures are those of one machine; compare within a run.
`;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}

function short(value: number): string {
  return value >= 100 ? whole(value) : value.toPrecision(2);
}
