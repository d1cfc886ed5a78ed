import { writeFileSync } from 'node:fs';
import { readMachine } from './machine.ts';
import { measure, type Stretch } from './measure.ts';
import { type Plan, parsePlan, USAGE } from './options.ts';
import { benchmarkPage } from './page.ts';
import { surroundings, table } from './report.ts';

const PAGE = new URL('../docs/benchmarks.md', import.meta.url);

const args = process.argv.slice(2);
await run(planOf(args));

function planOf(given: readonly string[]): Plan {
  try {
    return parsePlan(given);
  } catch (error) {
    process.stderr.write(`bench: ${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    process.exit(2);
  }
}

async function run(plan: Plan): Promise<void> {
  const stretches = await measure(plan, (step) => process.stderr.write(`${step}\n`));
  for (const callers of plan.callers) {
    process.stdout.write(`\ncallers: ${callers}\n${table(plan.scenarios, stretches, callers)}\n`);
  }
  process.stdout.write(`\n${surroundings(stretches)}\n`);
  if (plan.isPublished) publish(plan, stretches);
}

function publish(plan: Plan, stretches: readonly Stretch[]): void {
  const command = ['npm run bench', ...(args.length > 0 ? ['--', ...args] : [])].join(' ');
  const facts = { plan, stretches, machine: readMachine(), command, measuredAt: new Date() };
  writeFileSync(PAGE, benchmarkPage(facts));
  process.stdout.write('written: docs/benchmarks.md\n');
}
