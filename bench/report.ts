import { Comparison, cpuOf, medianLatencyOf, rateOf } from './comparison.ts';
import type { ProcessFigures } from './gateway-figures.ts';
import { decimal, markdownTable, range, whole } from './markdown.ts';
import type { Stretch } from './measure.ts';
import { BASE, DIRECT, type Scenario } from './scenarios.ts';

interface Column {
  readonly title: string;
  readonly cell: (name: string, comparison: Comparison) => string;
}

const percentileColumn = (percentile: keyof Stretch['latencyMs']): Column => ({
  title: `${percentile} ms`,
  cell: (name, all) => decimal(all.median(name, ({ latencyMs }) => latencyMs[percentile])),
});

const COLUMNS: readonly Column[] = [
  { title: 'CPU µs', cell: (name, all) => whole(all.median(name, cpuOf)) },
  { title: 'lowest to highest', cell: (name, all) => range(all.of(name).map(cpuOf)) },
  { title: '× http-proxy', cell: (name, all) => decimal(all.ratio(name, BASE, cpuOf)) },
  { title: 'requests/s', cell: (name, all) => whole(all.median(name, rateOf)) },
  { title: '× http-proxy', cell: (name, all) => decimal(all.ratio(name, BASE, rateOf)) },
  ...(['p50', 'p90', 'p99'] as const).map(percentileColumn),
  {
    title: 'p50 adds ms',
    cell: (name, all) => decimal(all.difference(name, DIRECT, medianLatencyOf)),
  },
];

/**
 * The table for one number of callers: medians over the rounds; each ratio and difference is the
 * median of those within one round.
 */
export function table(
  scenarios: readonly Scenario[],
  stretches: readonly Stretch[],
  callers: number,
): string {
  const comparison = new Comparison(stretches, callers);
  const rows = scenarios.map(({ name, title }) => [
    title,
    ...COLUMNS.map(({ cell }) => cell(name, comparison)),
  ]);
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

/** The gateway's process: its start and its memory. */
export function processTable({ startMs, startsMs, restMib, loadMib }: ProcessFigures): string {
  return markdownTable(
    ['the process', '', 'lowest to highest'],
    [
      ['start to ready, ms', whole(startMs), range(startsMs)],
      ['resident at rest, MiB', whole(restMib), ''],
      ['resident with 64 callers, at most, MiB', whole(loadMib), ''],
    ],
  );
}
