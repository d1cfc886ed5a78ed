import { parseArgs } from 'node:util';
import { SCENARIOS, type Scenario } from './scenarios.ts';

/** How a run goes. */
export interface Plan {
  readonly scenarios: readonly Scenario[];
  readonly rounds: number;
  /** Of one measured stretch. */
  readonly seconds: number;
  readonly callers: readonly number[];
  /** Of each scenario, once, before anything is measured. */
  readonly warmUpSeconds: number;
  /** Whether the figures go to docs/benchmarks.md. */
  readonly isPublished: boolean;
}

const FULL = { rounds: 9, seconds: 1, callers: '1,64', warmUp: 8 };
const QUICK = { rounds: 1, seconds: 0.1, callers: '1,8', warmUp: 0.1 };

export const USAGE = `usage: npm run bench -- [options]
  --rounds N     rounds over all scenarios (${FULL.rounds})
  --seconds S    measured time of each scenario in a round, for each number of callers (${FULL.seconds})
  --callers A,B  numbers of callers (${FULL.callers})
  --warm-up S    load on each scenario before anything is measured (${FULL.warmUp})
  --only A,B     these scenarios alone: ${SCENARIOS.map(({ name }) => name).join(', ')}
  --quick        a few seconds in all, to see that it works

A run of all scenarios that is not quick writes docs/benchmarks.md.
`;

/** @throws TypeError when an option is not known or not valid; the message says which */
export function parsePlan(args: readonly string[]): Plan {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      callers: { type: 'string' },
      'warm-up': { type: 'string' },
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
    },
  });
  const defaults = values.quick ? QUICK : FULL;
  const callers = (values.callers ?? defaults.callers).split(',');
  return {
    scenarios: chosenScenarios(values.only),
    rounds: whole('rounds', values.rounds ?? defaults.rounds),
    seconds: positive('seconds', values.seconds ?? defaults.seconds),
    callers: callers.map((text) => whole('callers', text)),
    warmUpSeconds: positive('warm-up', values['warm-up'] ?? defaults.warmUp),
    isPublished: !values.quick && values.only === undefined,
  };
}

function chosenScenarios(only: string | undefined): readonly Scenario[] {
  if (only === undefined) return SCENARIOS;
  const names = only.split(',');
  const unknown = names.find((name) => SCENARIOS.every((scenario) => scenario.name !== name));
  if (unknown !== undefined) throw new TypeError(`--only: there is no scenario \`${unknown}\``);
  return SCENARIOS.filter(({ name }) => names.includes(name));
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
