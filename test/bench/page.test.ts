import { expect, test } from 'vitest';
import { growthPlots } from '../../bench/growth.ts';
import type { Stretch } from '../../bench/measure.ts';
import { parseRun } from '../../bench/options.ts';
import { benchmarkPage } from '../../bench/page.ts';
import { svgOf } from '../../bench/plot.ts';
import { SCENARIOS } from '../../bench/scenarios.ts';

const MACHINE = {
  cpu: 'a processor',
  cores: 2,
  memoryGib: 4,
  node: 'v24',
  system: 'a system',
  syncMs: 0.3,
};
const SETTING = { machine: MACHINE, command: 'npm run bench', measuredAt: new Date(0) };
const PROCESS = { startMs: 400, startsMs: [390, 410], restMib: 80, loadMib: 130 };

function stretch(scenario: string, callers: number, figures: Partial<Stretch> = {}): Stretch {
  return {
    scenario,
    callers,
    round: 1,
    requestsPerSecond: 1000,
    cpuUsPerRequest: 100,
    latencyMs: { p50: 0.5, p90: 1, p99: 2 },
    loadBusy: 0.5,
    upstreamBusy: 0.5,
    readyMs: 10,
    ...figures,
  };
}

/** All rows alike, but for these. */
function everyRow(figures: Readonly<Record<string, Partial<Stretch>>>): Stretch[] {
  return SCENARIOS.flatMap(({ name }) =>
    [1, 64].map((callers) => stretch(name, callers, figures[name])),
  );
}

function pageOf(stretches: readonly Stretch[]): string[] {
  const results = { stretches, ofProcess: PROCESS, grown: [] };
  return benchmarkPage(parseRun([]), results, SETTING).split('\n');
}

function goal(lines: readonly string[], title: string): string[] {
  const line = lines.find((one) => one.startsWith(`| ${title}`)) ?? '';
  return line
    .split('|')
    .slice(2, 5)
    .map((cell) => cell.trim());
}

test('goals are computed from what was measured: met and not met', () => {
  const lines = pageOf(
    everyRow({
      'slimgate-put': {
        cpuUsPerRequest: 90,
        requestsPerSecond: 900,
        latencyMs: { p50: 1.2, p90: 2, p99: 3 },
      },
      'plain-gateway': { cpuUsPerRequest: 300 },
      'slimgate-denied': { cpuUsPerRequest: 60 },
    }),
  );
  expect(goal(lines, 'CPU for a request, × http-proxy')).toEqual(['≤ 1.00', '0.90', 'met']);
  expect(goal(lines, 'CPU for a request, × the job')).toEqual(['≤ 0.45', '0.30', 'met']);
  expect(goal(lines, 'requests/s, × @fastify')).toEqual(['> 1.00', '0.90', 'not met']);
  expect(goal(lines, 'one caller')).toEqual(['< 1.00', '0.70', 'met']);
  expect(goal(lines, 'CPU for a denied')).toEqual(['< 0.50', '0.67', 'not met']);
  expect(goal(lines, 'start of the process')).toEqual(['< 500', '400', 'met']);
  expect(goal(lines, 'resident memory')).toEqual(['< 120', '130', 'not met']);
});

test('a goal without figures is not met', () => {
  expect(goal(pageOf([stretch('koa', 1)]), 'one caller')).toEqual(['< 1.00', '–', 'not met']);
});

test('the page names its command, its machine, and a plot of each thing that grows', () => {
  const run = parseRun([]);
  const grown = run.growths.map(({ growth, plan }) => ({
    growth,
    stretches: plan.callers.flatMap((callers) =>
      plan.scenarios.map(({ name }) => stretch(name, callers)),
    ),
    problem: null,
  }));
  const page = benchmarkPage(run, { stretches: everyRow({}), ofProcess: PROCESS, grown }, SETTING);
  expect(page).toContain('| command | `npm run bench` |');
  expect(page).toContain('a processor, 2 cores, 4 GiB');
  const plots = grown.flatMap((one) => [...growthPlots(one.growth, one.stretches).keys()]);
  expect(plots.length).toBeGreaterThanOrEqual(run.growths.length);
  for (const name of plots) expect(page).toContain(`](benchmarks/${name})`);
  expect(page).not.toContain('NaN');
});

test('what could not be measured is told, and takes nothing else with it', () => {
  const run = parseRun([]);
  const grown = run.growths.map(({ growth }) => ({ growth, stretches: [], problem: 'got 503' }));
  const page = benchmarkPage(run, { stretches: everyRow({}), ofProcess: PROCESS, grown }, SETTING);
  expect(page.split('Not measured in this run: got 503')).toHaveLength(run.growths.length + 1);
  expect(page).not.toContain('.svg');
});

test('a plot places the largest at the top right, and zero on a logarithmic axis at its beginning', () => {
  const svg = svgOf({
    title: 'growth',
    x: { title: 'records', scale: 'log' },
    y: { title: 'ms', scale: 'linear' },
    series: [
      {
        name: 'one',
        points: [
          { x: 0, y: 0 },
          { x: 10, y: 5 },
          { x: 1000, y: 10 },
        ],
      },
    ],
  });
  expect(svg).toContain('points="72,340 72,202 680,64"');
  expect(svg).toContain('>1,000</text>');
  expect(svg).toContain('prefers-color-scheme: dark');
});
