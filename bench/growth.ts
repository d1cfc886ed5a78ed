import { Comparison, cpuOf, type Figure, medianLatencyOf, rateOf } from './comparison.ts';
import { decimal, markdownTable, whole } from './markdown.ts';
import type { Plan, Stretch } from './measure.ts';
import { type Axis, type Plot, type Series, svgOf } from './plot.ts';
import { BASE, SCENARIOS, type Scenario, slimgate, WHOLE_JOB } from './scenarios.ts';
import { bucketNames, writers } from './world.ts';

/** One thing that grows, and what is measured of it. */
export interface Growth {
  /** For `--only`, and the beginning of its files' names. */
  readonly name: string;
  readonly title: string;
  /** What a reader should know beside the figures. */
  readonly note: string;
  readonly sizes: readonly number[];
  /** In a quick run. */
  readonly quickSizes: readonly number[];
  readonly plan: (sizes: readonly number[]) => Pick<Plan, 'scenarios' | 'callers'>;
  /** The stretches of one line at one size. */
  readonly lines: readonly Line[];
  readonly figures: readonly GrowthFigure[];
}

interface Line {
  readonly name: string;
  readonly at: (size: number, stretches: readonly Stretch[]) => readonly Stretch[];
}

interface GrowthFigure {
  readonly name: string;
  readonly title: string;
  readonly axis: Axis;
  readonly figure: Figure;
}

const CPU: GrowthFigure = {
  name: 'cpu',
  title: 'CPU time for a request',
  axis: { title: 'CPU µs for a request', scale: 'linear' },
  figure: cpuOf,
};
const RATE: GrowthFigure = {
  name: 'rate',
  title: 'Requests a second',
  axis: { title: 'requests/s', scale: 'linear' },
  figure: rateOf,
};
const LATENCY: GrowthFigure = {
  name: 'latency',
  title: 'Time to an answer, median',
  axis: { title: 'p50 ms', scale: 'log' },
  figure: medianLatencyOf,
};
const READY: GrowthFigure = {
  name: 'ready',
  title: 'Time to get ready',
  axis: { title: 'ms to get ready', scale: 'log' },
  figure: ({ readyMs }) => readyMs,
};

const CALLERS = 64;
/** More than there are callers. */
const MANY_BUCKETS = bucketNames(2048);

const ofSize = (name: string): Line => ({
  name: 'Slimgate: PUT',
  at: (size, stretches) => new Comparison(stretches, CALLERS).of(`${name}-${size}`),
});

const sized =
  (name: string, scenarioOf: (size: number) => Parameters<typeof slimgate>[2]): Growth['plan'] =>
  (sizes) => ({
    callers: [CALLERS],
    scenarios: sizes.map((size) =>
      slimgate(`${name}-${size}`, `PUT, ${whole(size)} ${name}`, scenarioOf(size)),
    ),
  });

const ofCallers = (scenario: string, name: string): Line => ({
  name,
  at: (size, stretches) => new Comparison(stretches, size).of(scenario),
});

/** With buckets enough for every caller. */
const forManyCallers: readonly Scenario[] = [
  slimgate(WHOLE_JOB, 'PUT', { buckets: MANY_BUCKETS }),
  ...SCENARIOS.filter(({ name }) => name === BASE),
];

export const GROWTHS: readonly Growth[] = [
  {
    name: 'tenants',
    title: 'Tenants',
    note: 'each with a token and a statement of its own, asking in turn, 64 callers',
    sizes: [10, 100, 1000, 10_000],
    quickSizes: [10, 100],
    plan: sized('tenants', (tenants) => ({ setting: { tenants }, tenants: writers(tenants) })),
    lines: [ofSize('tenants')],
    figures: [CPU],
  },
  {
    name: 'statements',
    title: 'Statements',
    note: 'all of the one tenant who asks, 64 callers; getting ready is building the table from rows in memory and opening everything',
    sizes: [10, 1000, 100_000, 1_000_000],
    quickSizes: [10, 100],
    plan: sized('statements', (statements) => ({ setting: { statements } })),
    lines: [ofSize('statements')],
    figures: [CPU, READY],
  },
  {
    name: 'records',
    title: 'Records in the journal',
    note: 'there before the start and indexed, 64 callers; getting ready reads the last segment alone',
    sizes: [0, 1000, 10_000, 100_000],
    quickSizes: [0, 1000],
    plan: sized('records', (journalRecords) => ({ setting: { journalRecords } })),
    lines: [ofSize('records')],
    figures: [CPU, READY],
  },
  {
    name: 'callers',
    title: 'Callers at the same time',
    note: 'each asks again as soon as it is answered',
    sizes: [1, 4, 16, 64, 256, 1024],
    quickSizes: [1, 8],
    plan: (sizes) => ({ callers: sizes, scenarios: forManyCallers }),
    lines: [ofCallers(WHOLE_JOB, 'Slimgate: PUT'), ofCallers(BASE, 'http-proxy: passed through')],
    figures: [CPU, RATE, LATENCY],
  },
];

/** The figures of something that grows, as a table: a row for each size. */
export function growthTable(growth: Growth, stretches: readonly Stretch[]): string {
  const columns = growth.lines.flatMap((line) => growth.figures.map((each) => ({ line, each })));
  const head = [
    growth.title,
    ...columns.map(({ line, each }) =>
      growth.lines.length > 1 ? `${line.name}, ${each.axis.title}` : each.axis.title,
    ),
  ];
  const rows = sizesOf(growth, stretches).map((size) => [
    whole(size),
    ...columns.map(({ line, each }) => {
      const value = valueAt(size, { line, each, stretches });
      return value < 10 ? decimal(value) : whole(value);
    }),
  ]);
  return markdownTable(head, rows);
}

/** Its plots: the name of a file and its content. */
export function growthPlots(growth: Growth, stretches: readonly Stretch[]): Map<string, string> {
  return new Map(
    growth.figures.map((each) => [
      `${growth.name}-${each.name}.svg`,
      svgOf(plotOf(growth, each, stretches)),
    ]),
  );
}

function plotOf(growth: Growth, each: GrowthFigure, stretches: readonly Stretch[]): Plot {
  const series = growth.lines.map((line): Series => {
    const points = sizesOf(growth, stretches).map((size) => ({
      x: size,
      y: valueAt(size, { line, each, stretches }),
    }));
    return { name: line.name, points };
  });
  const x: Axis = { title: growth.title.toLowerCase(), scale: 'log' };
  return { title: each.title, x, y: each.axis, series };
}

interface Place {
  readonly line: Line;
  readonly each: GrowthFigure;
  readonly stretches: readonly Stretch[];
}

function valueAt(size: number, { line, each, stretches }: Place): number {
  const own = line.at(size, stretches);
  return new Comparison(own, own[0]?.callers ?? 0).median(own[0]?.scenario ?? '', each.figure);
}

/** Those that were measured. */
function sizesOf({ sizes, quickSizes, lines }: Growth, stretches: readonly Stretch[]) {
  const all = [...new Set([...sizes, ...quickSizes])].toSorted((a, b) => a - b);
  return all.filter((size) => lines.some((line) => line.at(size, stretches).length > 0));
}
