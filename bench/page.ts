import type { ProcessFigures } from './gateway-figures.ts';
import { goalsTable } from './goals.ts';
import { type Growth, growthPlots, growthTable } from './growth.ts';
import type { Machine } from './machine.ts';
import type { Stretch } from './measure.ts';
import { GROWTH_INTRODUCTION, INTRODUCTION, METHOD } from './method.ts';
import type { Run } from './options.ts';
import { processTable, surroundings, table } from './report.ts';

/** Everything that a run has measured; what was not asked for is empty. */
export interface Results {
  readonly stretches: readonly Stretch[];
  readonly ofProcess: ProcessFigures | null;
  readonly grown: readonly Grown[];
}

export interface Grown {
  readonly growth: Growth;
  readonly stretches: readonly Stretch[];
  /** Why there are none; null when there are. */
  readonly problem: string | null;
}

export interface Setting {
  readonly machine: Machine;
  /** As it can be repeated in a shell. */
  readonly command: string;
  readonly measuredAt: Date;
}

/** The whole of docs/benchmarks.md. */
export function benchmarkPage(run: Run, results: Results, setting: Setting): string {
  const { stretches, ofProcess, grown } = results;
  const { beside, absent } = run;
  const tables = beside.callers.map(
    (callers) =>
      `### ${callers === 1 ? 'One caller' : `${callers} callers`}\n\n` +
      `${table(beside.scenarios, stretches, callers)}\n`,
  );
  const ofOneProcess = ofProcess && [
    '## Goals\n',
    `${goalsTable({ stretches, process: ofProcess })}\n`,
    '## The process\n',
    `${processTable(ofProcess)}\n`,
  ];
  return [
    INTRODUCTION,
    settingTable(run, setting),
    ...(ofOneProcess ?? []),
    '## Beside each other\n',
    ...tables,
    `${surroundings(stretches)}\n`,
    ...absent.map(({ title }) => `Not measured, because it is not on this machine: ${title}.\n`),
    GROWTH_INTRODUCTION,
    ...grown.map(growthSection),
    METHOD,
  ].join('\n');
}

function growthSection({ growth, stretches, problem }: Grown): string {
  if (problem !== null) {
    return `### ${growth.title}\n\nNot measured in this run: ${problem.split('\n')[0]}\n`;
  }
  const pictures = [...growthPlots(growth, stretches).keys()].map(
    (name) => `![${growth.title}](benchmarks/${name})`,
  );
  return `### ${growth.title}

${growthTable(growth, stretches)}

Slimgate: ${growth.note}.

${pictures.join('\n\n')}
`;
}

function settingTable({ beside }: Run, { machine, command, measuredAt }: Setting): string {
  const stretch = `${beside.seconds} s for each number of callers`;
  return `## Setting

| | |
| --- | --- |
| command | \`${command}\` |
| measured | ${measuredAt.toISOString().slice(0, 10)} |
| processor | ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGib} GiB |
| system | ${machine.system}, Node ${machine.node} |
| disk | an append of 1 KiB with its sync takes ${machine.syncMs.toFixed(2)} ms (median) |
| rounds | ${beside.rounds}, in each and for each row ${stretch}; before, ${beside.warmUpSeconds} s of warm-up for each row |
`;
}
