import type { Stretch } from './measure.ts';
import { BASE, type Scenario } from './scenarios.ts';
import { median } from './statistics.ts';

/** A scenario's stretches with one number of callers, and the base's of the same rounds. */
interface Comparison {
  readonly own: readonly Stretch[];
  readonly base: readonly Stretch[];
}

interface Column {
  readonly title: string;
  readonly cell: (comparison: Comparison) => string;
}

const ABSENT = '–';

const COLUMNS: readonly Column[] = [
  { title: 'CPU µs', cell: ({ own }) => whole(medianOf(own, cpu)) },
  { title: 'lowest to highest', cell: ({ own }) => range(own.map(cpu)) },
  { title: '× http-proxy', cell: (comparison) => ratio(comparison, cpu) },
  { title: 'requests/s', cell: ({ own }) => whole(medianOf(own, rate)) },
  { title: '× http-proxy', cell: (comparison) => ratio(comparison, rate) },
  { title: 'p50 ms', cell: ({ own }) => milliseconds(own, 'p50') },
  { title: 'p90 ms', cell: ({ own }) => milliseconds(own, 'p90') },
  { title: 'p99 ms', cell: ({ own }) => milliseconds(own, 'p99') },
];

/**
 * The table for one number of callers, in Markdown that is aligned for a terminal too: medians over
 * the rounds; each ratio is the median of the ratios within one round.
 */
export function table(
  scenarios: readonly Scenario[],
  stretches: readonly Stretch[],
  callers: number,
): string {
  const ofScenario = (name: string) =>
    stretches.filter((stretch) => stretch.scenario === name && stretch.callers === callers);
  const base = ofScenario(BASE);
  const rows = scenarios.map(({ name, title }) => {
    const comparison = { own: ofScenario(name), base };
    return [title, ...COLUMNS.map(({ cell }) => cell(comparison))];
  });
  return markdownTable(['', ...COLUMNS.map(({ title }) => title)], rows);
}

/** How busy the processes around the subjects were at most: above 90 % they may be the limit. */
export function surroundings(stretches: readonly Stretch[]): string {
  const most = (shares: readonly number[]) => `${whole(Math.max(...shares) * 100)} %`;
  return (
    `At most busy in any stretch: the load generator ${most(stretches.map((s) => s.loadBusy))}, ` +
    `the upstream ${most(stretches.map((s) => s.upstreamBusy))} of one core.`
  );
}

function cpu({ cpuUsPerRequest }: Stretch): number {
  return cpuUsPerRequest;
}

function rate({ requestsPerSecond }: Stretch): number {
  return requestsPerSecond;
}

function medianOf(stretches: readonly Stretch[], figure: (stretch: Stretch) => number): number {
  return median(stretches.map(figure));
}

function ratio({ own, base }: Comparison, figure: (stretch: Stretch) => number): string {
  const ratios = own.flatMap((stretch) => {
    const beside = base.find(({ round }) => round === stretch.round);
    return beside === undefined ? [] : [figure(stretch) / figure(beside)];
  });
  return decimal(median(ratios));
}

function milliseconds(
  stretches: readonly Stretch[],
  percentile: keyof Stretch['latencyMs'],
): string {
  return decimal(medianOf(stretches, ({ latencyMs }) => latencyMs[percentile]));
}

function range(values: readonly number[]): string {
  if (values.length === 0) return ABSENT;
  return `${whole(Math.min(...values))} to ${whole(Math.max(...values))}`;
}

function whole(value: number): string {
  return Number.isNaN(value) ? ABSENT : Math.round(value).toLocaleString('en');
}

function decimal(value: number): string {
  return Number.isNaN(value) ? ABSENT : value.toFixed(2);
}

/** The first column is text, all others are figures. */
function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, 2, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) => {
    const padded = cells.map((cell, column) => {
      const width = widths[column] ?? 0;
      return column === 0 ? cell.padEnd(width) : cell.padStart(width);
    });
    return `| ${padded.join(' | ')} |`;
  };
  const rule = widths.map((width, column) =>
    column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}
