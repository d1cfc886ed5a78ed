import { parseArgs } from 'node:util';
import type { ProcessPlan } from './gateway-figures.ts';
import { GROWTHS, type Growth } from './growth.ts';
import type { Plan } from './measure.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';

/** How a run goes. */
export interface Run {
  /** The rows beside each other; none when there are no scenarios. */
  readonly beside: Plan;
  /** Rows that this machine cannot have. */
  readonly absent: readonly Scenario[];
  readonly growths: readonly { readonly growth: Growth; readonly plan: Plan }[];
  readonly process: ProcessPlan | null;
  /** Whether the figures go to docs/. */
  readonly isPublished: boolean;
}

const FULL = { rounds: 5, seconds: 3, callers: '1,64', warmUp: 10 };
const QUICK = { rounds: 1, seconds: 0.1, callers: '1,8', warmUp: 0.1 };
const FULL_GROWTH = { rounds: 3, seconds: 0.7, warmUpSeconds: 2 };
const QUICK_GROWTH = { rounds: 1, seconds: 0.1, warmUpSeconds: 0.1 };
const FULL_PROCESS: ProcessPlan = { starts: 7, restSeconds: 2, loadSeconds: 10 };
const QUICK_PROCESS: ProcessPlan = { starts: 1, restSeconds: 0, loadSeconds: 0.5 };

/** The name of the figures of the process in `--only`. */
const PROCESS = 'process';
const NAMES = [...SCENARIOS, ...GROWTHS, { name: PROCESS }].map(({ name }) => name);

export const USAGE = `usage: npm run bench -- [options]
  --rounds N     rounds over all scenarios (${FULL.rounds})
  --seconds S    measured time of each scenario in a round, for each number of callers (${FULL.seconds})
  --callers A,B  numbers of callers (${FULL.callers})
  --warm-up S    load on each scenario before anything is measured (${FULL.warmUp})
  --only A,B     these alone: ${NAMES.join(', ')}
  --growth       what grows alone: ${GROWTHS.map(({ name }) => name).join(', ')}
  --quick        little of everything, to see that it works

A run of everything that is not quick writes docs/benchmarks.md and docs/benchmarks/*.svg.
`;

/** @throws TypeError when an option is not known or not valid; the message says which */
export function parseRun(args: readonly string[]): Run {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      callers: { type: 'string' },
      'warm-up': { type: 'string' },
      only: { type: 'string' },
      growth: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
    },
  });
  const { quick } = values;
  const defaults = quick ? QUICK : FULL;
  const growthDefaults = quick ? QUICK_GROWTH : FULL_GROWTH;
  const chosen = chosenNames(values.only, values.growth);
  const scenarios = SCENARIOS.filter(({ name }) => chosen.has(name));
  return {
    beside: {
      scenarios: scenarios.filter(({ isHere }) => isHere?.() ?? true),
      rounds: whole('rounds', values.rounds ?? defaults.rounds),
      seconds: positive('seconds', values.seconds ?? defaults.seconds),
      callers: (values.callers ?? defaults.callers)
        .split(',')
        .map((text) => whole('callers', text)),
      warmUpSeconds: positive('warm-up', values['warm-up'] ?? defaults.warmUp),
    },
    absent: scenarios.filter(({ isHere }) => isHere?.() === false),
    growths: GROWTHS.filter(({ name }) => chosen.has(name)).map((growth) => {
      const sizes = quick ? growth.quickSizes : growth.sizes;
      return { growth, plan: { ...growthDefaults, ...growth.plan(sizes) } };
    }),
    process: chosen.has(PROCESS) ? (quick ? QUICK_PROCESS : FULL_PROCESS) : null,
    isPublished: !quick && chosen.size === NAMES.length,
  };
}

function chosenNames(only: string | undefined, isGrowth: boolean): ReadonlySet<string> {
  if (only === undefined) return new Set(isGrowth ? GROWTHS.map(({ name }) => name) : NAMES);
  const names = only.split(',');
  const unknown = names.find((name) => !NAMES.includes(name));
  if (unknown !== undefined) throw new TypeError(`--only: there is no scenario \`${unknown}\``);
  return new Set(names);
}

function positive(option: string, text: string | number): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new TypeError(`--${option}: \`${text}\` is not a number above 0`);
}

function whole(option: string, text: string | number): number {
  const value = positive(option, text);
  if (Number.isInteger(value)) return value;
  throw new TypeError(`--${option}: \`${text}\` is not a whole number`);
}
