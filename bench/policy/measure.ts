import { Child } from '../children/child.ts';
import { median } from '../statistics.ts';
import type { DecideFigures, LoadFigures, Order } from './run-subject.ts';
import { SUBJECTS, type SubjectName } from './subjects.ts';
import type { Size } from './world.ts';

/** One row of the page. */
export interface Stand {
  readonly subject: SubjectName;
  readonly size: Size;
}

export interface Figures extends Stand, DecideFigures {
  readonly loadMs: number;
  readonly bytes: number;
  /** On how many requests it agrees with Slimgate: all that it was asked. */
  readonly agreed: number;
}

/** How a run goes. */
export interface Plan {
  readonly stands: readonly Stand[];
  readonly rounds: number;
  readonly milliseconds: number;
  readonly warmUpMs: number;
}

type Process = Child<Order, LoadFigures | DecideFigures>;

interface Running extends Stand {
  readonly child: Process;
  readonly load: LoadFigures;
  readonly rounds: DecideFigures[];
}

const FILE = new URL('./run-subject.ts', import.meta.url);

/**
 * Load every table in a process of its own, one after the other, compare what they answer, then
 * take turns in rounds.
 * @throws Error when a subject answers another thing than Slimgate
 */
export async function measure(plan: Plan, tell: (line: string) => void): Promise<Figures[]> {
  const running: Running[] = [];
  try {
    for (const stand of plan.stands) running.push(await start(stand, plan.warmUpMs, tell));
    compareAnswers(running);
    for (let round = 1; round <= plan.rounds; round += 1) {
      tell(`round ${round} of ${plan.rounds}`);
      for (const { child, rounds } of running) rounds.push(await decide(child, plan.milliseconds));
    }
    return running.map(figuresOf);
  } finally {
    await Promise.all(running.map(({ child }) => child.stop()));
  }
}

async function start(
  { subject, size }: Stand,
  warmUpMs: number,
  tell: (line: string) => void,
): Promise<Running> {
  tell(`${SUBJECTS[subject].title}: ${size.statements} statements of ${size.tenants} tenants`);
  const child: Process = new Child(FILE, ['--expose-gc', '--max-old-space-size=8192']);
  // The child answers each order with its own figures.
  const load = (await child.ask({ do: 'load', subject, size })) as LoadFigures;
  await decide(child, warmUpMs);
  return { subject, size, child, load, rounds: [] };
}

async function decide(child: Process, milliseconds: number): Promise<DecideFigures> {
  return (await child.ask({ do: 'decide', milliseconds })) as DecideFigures;
}

function compareAnswers(running: readonly Running[]): void {
  for (const { subject, size, load } of running) {
    const own = running.find(
      (other) =>
        other.subject === 'slimgate' &&
        other.size.statements === size.statements &&
        other.size.tenants === size.tenants,
    );
    if (own === undefined || own.load.answers.startsWith(load.answers)) continue;
    throw new Error(`${subject} decides otherwise than slimgate at ${size.statements} statements`);
  }
}

function figuresOf({ subject, size, load, rounds }: Running): Figures {
  return {
    subject,
    size,
    loadMs: load.milliseconds,
    bytes: load.bytes,
    agreed: load.answers.length,
    perSecond: median(rounds.map(({ perSecond }) => perSecond)),
    p50Us: median(rounds.map(({ p50Us }) => p50Us)),
    p99Us: median(rounds.map(({ p99Us }) => p99Us)),
  };
}
