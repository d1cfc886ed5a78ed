import { writeFileSync } from 'node:fs';
import { readMachine } from '../machine.ts';
import { measure, type Plan, type Stand } from './measure.ts';
import { figuresTable, policyPage } from './page.ts';

const PAGE = new URL('../../docs/policy-benchmarks.md', import.meta.url);

const at = (subject: Stand['subject'], statements: number, tenants: number): Stand => ({
  subject,
  size: { statements, tenants },
});

const FULL: Plan = {
  stands: [
    at('slimgate', 10, 1),
    at('slimgate', 1000, 1),
    at('slimgate', 100_000, 1),
    at('slimgate', 1_000_000, 1),
    at('slimgate', 1000, 1000),
    at('slimgate', 100_000, 1000),
    at('slimgate', 1_000_000, 1000),
    at('casbin', 10, 1),
    at('casbin', 1000, 1),
    at('casbin', 100_000, 1),
    at('cedar', 10, 1),
    at('cedar', 1000, 1),
  ],
  rounds: 9,
  milliseconds: 100,
  warmUpMs: 1000,
};

const QUICK: Plan = {
  stands: [at('slimgate', 100, 1), at('casbin', 100, 1), at('cedar', 100, 1)],
  rounds: 1,
  milliseconds: 20,
  warmUpMs: 0,
};

const isQuick = process.argv.includes('--quick');
const figures = await measure(isQuick ? QUICK : FULL, (line) => process.stderr.write(`${line}\n`));
process.stdout.write(`${figuresTable(figures)}\n`);
if (!isQuick) {
  writeFileSync(PAGE, policyPage(figures, readMachine(), new Date()));
  process.stdout.write('written: docs/policy-benchmarks.md\n');
}
