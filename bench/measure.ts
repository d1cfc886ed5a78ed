import { Child } from './children/child.ts';
import type { LoadQuestion } from './children/run-load.ts';
import type { SubjectAnswer, SubjectQuestion } from './children/run-subject.ts';
import { PLAIN_SETTING } from './gateway-setting.ts';
import type { LoadResult } from './load.ts';
import type { Play, Scenario } from './scenarios.ts';
import type { SubjectName } from './subjects/subjects.ts';

/** How scenarios are measured. */
export interface Plan {
  readonly scenarios: readonly Scenario[];
  readonly rounds: number;
  /** Of one measured stretch. */
  readonly seconds: number;
  readonly callers: readonly number[];
  /** Of each scenario, once, before anything is measured. */
  readonly warmUpSeconds: number;
}

/** What one scenario did in one round with one number of callers. */
export interface Stretch {
  readonly scenario: string;
  readonly callers: number;
  readonly round: number;
  readonly requestsPerSecond: number;
  /** Of the subject's process: user and system time, all threads. */
  readonly cpuUsPerRequest: number;
  readonly latencyMs: LoadResult['latencyMs'];
  /** Shares of one core; near 1 they were the limit, not the subject. */
  readonly loadBusy: number;
  readonly upstreamBusy: number;
  /** How long the subject took to get ready, before anything; 0 where it does not tell. */
  readonly readyMs: number;
}

type SubjectChild = Child<SubjectQuestion, SubjectAnswer>;

interface Stage {
  readonly load: Child<LoadQuestion, LoadResult>;
  readonly upstream: SubjectChild;
  readonly report: (step: string) => void;
}

interface Actor {
  readonly scenario: Scenario;
  readonly child: SubjectChild;
  readonly readyMs: number;
  readonly requests: readonly string[];
  /** What to ask of it, but for how many callers and how long. */
  readonly order: Pick<LoadQuestion, 'port' | 'expectedStatus'>;
}

/** Before each measured stretch: connections are made, and caches are the subject's again. */
const SETTLE_MS = 150;
/** A thousand at once on a process that has compiled nothing yet would be another measurement. */
const MOST_CALLERS_OF_WARM_UP = 64;

/**
 * Measure all scenarios of a plan, in turn within each round, so that whatever the machine does
 * meanwhile meets all of them. All children have ended when this settles.
 * @throws Error when a subject fails or gives another answer than the scenario expects
 */
export async function measure(plan: Plan, report: (step: string) => void): Promise<Stretch[]> {
  const load: Stage['load'] = new Child(childFile('run-load.ts'));
  const upstream = newSubject();
  const children = [load, upstream];
  const stage = { load, upstream, report };
  try {
    const play = { setting: { ...PLAIN_SETTING, verifyingKey: '' }, requests: [] };
    const { port } = await startSubject(upstream, { subject: 'upstream', play, upstreamPort: 0 });
    const actors: Actor[] = [];
    // One after the other, so that none gets ready at the expense of another.
    for (const scenario of plan.scenarios) {
      report(`start: ${scenario.name}`);
      const child = newSubject();
      children.push(child);
      actors.push(await enter(scenario, child, port));
    }
    await warmUp(plan, actors, stage);
    return await playRounds(plan, actors, stage);
  } finally {
    await Promise.all(children.map((child) => child.stop()));
  }
}

async function enter(
  scenario: Scenario,
  child: SubjectChild,
  upstreamPort: number,
): Promise<Actor> {
  const { subject, expectedStatus } = scenario;
  const play = scenario.play();
  const { port, readyMs } = await startSubject(child, { subject, play, upstreamPort });
  const { requests } = play;
  return { scenario, child, readyMs, requests, order: { port, expectedStatus } };
}

function newSubject(): SubjectChild {
  return new Child(childFile('run-subject.ts'));
}

function childFile(name: string): URL {
  return new URL(`./children/${name}`, import.meta.url);
}

function startSubject(
  child: SubjectChild,
  { play, ...rest }: { subject: SubjectName; play: Play; upstreamPort: number },
): Promise<SubjectAnswer> {
  return child.ask({ kind: 'start', setting: play.setting, ...rest });
}

async function warmUp(plan: Plan, actors: readonly Actor[], { load, report }: Stage) {
  const callers = Math.min(MOST_CALLERS_OF_WARM_UP, Math.max(...plan.callers));
  for (const { scenario, requests, order } of actors) {
    report(`warm-up: ${scenario.name}`);
    await load.ask({ ...order, requests, callers, durationMs: plan.warmUpSeconds * 1000 });
  }
}

async function playRounds(plan: Plan, actors: readonly Actor[], stage: Stage): Promise<Stretch[]> {
  const stretches: Stretch[] = [];
  for (let round = 1; round <= plan.rounds; round += 1) {
    stage.report(`round ${round} of ${plan.rounds}`);
    for (const actor of actors) {
      for (const callers of plan.callers) {
        const order = { ...actor.order, callers, durationMs: plan.seconds * 1000 };
        stretches.push({ round, ...(await playStretch(actor, order, stage)) });
      }
    }
  }
  return stretches;
}

async function playStretch(
  { scenario, child, readyMs }: Actor,
  order: LoadQuestion,
  { load, upstream }: Stage,
): Promise<Omit<Stretch, 'round'>> {
  await load.ask({ ...order, durationMs: SETTLE_MS });
  // Nothing is under way at either reading: the difference belongs to the requests between them.
  const [subjectBeforeUs, upstreamBeforeUs] = [await cpuUsOf(child), await cpuUsOf(upstream)];
  const { requests, elapsedMs, latencyMs, cpuUs } = await load.ask(order);
  const [subjectAfterUs, upstreamAfterUs] = [await cpuUsOf(child), await cpuUsOf(upstream)];
  const elapsedUs = elapsedMs * 1000;
  return {
    scenario: scenario.name,
    callers: order.callers,
    requestsPerSecond: (requests / elapsedMs) * 1000,
    cpuUsPerRequest: (subjectAfterUs - subjectBeforeUs) / requests,
    latencyMs,
    loadBusy: cpuUs / elapsedUs,
    upstreamBusy: (upstreamAfterUs - upstreamBeforeUs) / elapsedUs,
    readyMs,
  };
}

async function cpuUsOf(child: SubjectChild): Promise<number> {
  const { cpuUs } = await child.ask({ kind: 'usage' });
  return cpuUs;
}
