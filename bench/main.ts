import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { measureProcess } from './gateway-figures.ts';
import { growthPlots, growthTable } from './growth.ts';
import { readMachine } from './machine.ts';
import { measure } from './measure.ts';
import { parseRun, type Run, USAGE } from './options.ts';
import { benchmarkPage, type Grown, type Results } from './page.ts';
import { processTable, surroundings, table } from './report.ts';

const PAGE = new URL('../docs/benchmarks.md', import.meta.url);
const PLOTS = new URL('../docs/benchmarks/', import.meta.url);

const args = process.argv.slice(2);
const run = runOf(args);
const results = await measureAll(run);
tell(run, results);
if (run.isPublished) publish(run, results);

function runOf(given: readonly string[]): Run {
  try {
    return parseRun(given);
  } catch (error) {
    process.stderr.write(`bench: ${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    process.exit(2);
  }
}

async function measureAll({ beside, growths, process: plan }: Run): Promise<Results> {
  const report = (step: string) => process.stderr.write(`${step}\n`);
  const stretches = beside.scenarios.length === 0 ? [] : await measure(beside, report);
  const ofProcess = plan && (await measureProcess(plan, report));
  const grown: Grown[] = [];
  for (const { growth, plan } of growths) {
    report(`growth: ${growth.name}`);
    try {
      grown.push({ growth, stretches: await measure(plan, report), problem: null });
    } catch (error) {
      // What was measured before is not lost for it; the page says what is missing.
      const problem = error instanceof Error ? error.message : String(error);
      report(`growth: ${growth.name}: ${problem}`);
      process.exitCode = 1;
      grown.push({ growth, stretches: [], problem });
    }
  }
  return { stretches, ofProcess, grown };
}

function tell({ beside, absent }: Run, { stretches, ofProcess, grown }: Results): void {
  const parts: string[] = [];
  for (const callers of stretches.length > 0 ? beside.callers : []) {
    parts.push(`callers: ${callers}\n${table(beside.scenarios, stretches, callers)}`);
  }
  if (stretches.length > 0) parts.push(surroundings(stretches));
  parts.push(...absent.map(({ title }) => `not on this machine: ${title}`));
  if (ofProcess !== null) parts.push(processTable(ofProcess));
  parts.push(...grown.map((one) => one.problem ?? growthTable(one.growth, one.stretches)));
  process.stdout.write(`\n${parts.join('\n\n')}\n`);
}

function publish(published: Run, measured: Results): void {
  const command = ['npm run bench', ...(args.length > 0 ? ['--', ...args] : [])].join(' ');
  const setting = { machine: readMachine(), command, measuredAt: new Date() };
  rmSync(PLOTS, { recursive: true, force: true });
  mkdirSync(PLOTS);
  for (const { growth, stretches, problem } of measured.grown) {
    if (problem !== null) continue;
    for (const [name, svg] of growthPlots(growth, stretches)) {
      writeFileSync(new URL(name, PLOTS), svg);
    }
  }
  writeFileSync(PAGE, benchmarkPage(published, measured, setting));
  process.stdout.write('written: docs/benchmarks.md, docs/benchmarks/\n');
}
