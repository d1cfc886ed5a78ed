import type { Machine } from '../machine.ts';
import { decimal, markdownTable, whole } from '../markdown.ts';
import { type Plot, svgOf } from '../plot.ts';
import { median } from '../statistics.ts';
import type { Moment } from './measure.ts';

export interface SoakSetting {
  readonly machine: Machine;
  readonly command: string;
  readonly measuredAt: Date;
}

interface Row {
  readonly name: string;
  readonly title: string;
  readonly figure: (moment: Moment) => number;
  readonly text: (value: number) => string;
  /** Of what should not grow: differences below it are noise. */
  readonly noise?: number;
}

const ROWS: readonly Row[] = [
  { name: 'memory', title: 'resident MiB', figure: ({ rssMib }) => rssMib, text: whole, noise: 5 },
  {
    name: 'heap',
    title: 'heap in use, MiB',
    figure: ({ heapMib }) => heapMib,
    text: whole,
    noise: 10,
  },
  {
    name: 'descriptors',
    title: 'open descriptors',
    figure: ({ descriptors }) => descriptors,
    text: whole,
    noise: 2,
  },
  {
    name: 'delay',
    title: 'event loop delay, p99 ms',
    figure: ({ delayP99Ms }) => delayP99Ms,
    text: decimal,
    noise: 2,
  },
  {
    name: 'latency',
    title: 'time to an answer, p99 ms',
    figure: ({ latencyP99Ms }) => latencyP99Ms,
    text: decimal,
  },
  {
    name: 'rate',
    title: 'requests/s',
    figure: ({ requestsPerSecond }) => requestsPerSecond,
    text: whole,
  },
];

/** Parts of the time that are compared; the first is warming up. */
const PARTS = 4;
/** How far the last quarter may lie above the second: less is noise. */
const FLAT = 1.1;

/** The medians of each quarter of the time, and whether what should not grow did not. */
export function soakTable(moments: readonly Moment[]): string {
  const rows = ROWS.map(({ title, figure, text }) => {
    const quarters = quartersOf(moments).map((part) => median(part.map(figure)));
    const most = Math.max(...moments.map(figure));
    return [title, ...quarters.map(text), text(most), decimal(growthOf(quarters))];
  });
  const head = [
    'median in a quarter of the time',
    'first',
    'second',
    'third',
    'last',
    'at most',
    'last / second',
  ];
  return markdownTable(head, rows);
}

/** What has grown from the second to the last quarter: nothing, when it is flat. */
export function grown(moments: readonly Moment[]): readonly string[] {
  return ROWS.filter(({ figure, noise = Number.POSITIVE_INFINITY }) => {
    const [, second = 0, , last = 0] = quartersOf(moments).map((part) => median(part.map(figure)));
    return last > second * FLAT && last - second > noise;
  }).map(({ title }) => title);
}

function quartersOf(moments: readonly Moment[]): readonly (readonly Moment[])[] {
  const size = moments.length / PARTS;
  return Array.from({ length: PARTS }, (_, part) =>
    moments.slice(Math.floor(part * size), Math.floor((part + 1) * size)),
  );
}

function growthOf([, second = Number.NaN, , last = Number.NaN]: readonly number[]): number {
  return last / second;
}

/** The name of a file and its content. */
export function soakPlots(moments: readonly Moment[]): Map<string, string> {
  return new Map(ROWS.map((row) => [`${row.name}.svg`, svgOf(plotOf(row, moments))]));
}

function plotOf({ title, figure }: Row, moments: readonly Moment[]): Plot {
  const points = moments
    .map((moment) => ({ x: moment.minutes, y: figure(moment) }))
    .filter(({ y }) => Number.isFinite(y));
  return {
    title,
    x: { title: 'minutes', scale: 'linear' },
    y: { title, scale: 'linear' },
    series: [{ name: 'slimgate start', points }],
  };
}

/** The whole of docs/soak.md. */
export function soakPage(moments: readonly Moment[], setting: SoakSetting): string {
  const { machine, command, measuredAt } = setting;
  const rising = grown(moments);
  const requests = moments.reduce((sum, moment, index) => {
    const minutes = moment.minutes - (moments[index - 1]?.minutes ?? 0);
    return sum + moment.requestsPerSecond * minutes * 60;
  }, 0);
  const verdict =
    rising.length === 0
      ? 'Flat: memory, heap, descriptors and event loop delay of the last quarter are within a tenth of those of the second.'
      : `Not flat: ${rising.join(', ')}: more than a tenth above the second quarter in the last.`;
  const pictures = ROWS.map(({ name, title }) => `![${title}](soak/${name}.svg)`);
  return `# A long run

What \`slimgate start\` looks like while callers change buckets without a pause, journal synced.
This page and its plots are written by \`${command}\`; to change them, change \`bench/soak/\` and run it again.

Measured ${measuredAt.toISOString().slice(0, 10)} on ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGib} GiB, Node ${machine.node}:
${(moments.at(-1)?.minutes ?? 0).toFixed(1)} minutes, about ${whole(requests)} changes, all of them answered with 200.

${verdict}

${soakTable(moments)}

The first quarter is warming up: the compiler is at work and the heap finds its size. Descriptors are
open files and sockets, the callers' own included. The delay is how late the event loop comes to a
timer. The process looks at itself; a module is loaded into it for that.

${pictures.join('\n\n')}
`;
}
