import { Child } from './children/child.ts';
import type { SubjectAnswer, SubjectQuestion } from './children/run-subject.ts';
import type { LoadOrder, LoadResult } from './load.ts';
import type { Plan } from './options.ts';
import type { Scenario } from './scenarios.ts';
import type { SubjectName } from './subjects/subjects.ts';

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
}

type SubjectChild = Child<SubjectQuestion, SubjectAnswer>;

interface Stage {
  readonly load: Child<LoadOrder, LoadResult>;
  readonly upstream: SubjectChild;
  readonly report: (step: string) => void;
}

interface Actor {
  readonly scenario: Scenario;
  readonly child: SubjectChild;
  /** What to ask of it, but for how many callers and how long. */
  readonly order: Omit<LoadOrder, 'callers' | 'durationMs'>;
}

/** Before each measured stretch: connections are made, and caches are the subject's again. */
const SETTLE_MS = 150;

/**
 * Measure all scenarios of a plan, in turn within each round, so that whatever the machine does
 * meanwhile meets all of them. All children have ended when this settles.
 * @throws Error when a subject fails or gives another answer than the scenario expects
 */
export async function measure(plan: Plan, report: (step: string) => void): Promise<Stretch[]> {
  const load: Stage['load'] = new Child(childFile('run-load.ts'));
  const upstream = newSubject();
  const children = plan.scenarios.map(newSubject);
  const stage = { load, upstream, report };
  try {
    const upstreamPort = await startSubject(upstream, 'upstream', 0);
    const actors = await Promise.all(
      plan.scenarios.map(async (scenario, index): Promise<Actor> => {
        const child = children[index] ?? newSubject();
        const port = await startSubject(child, scenario.subject, upstreamPort);
        const { expectedStatus } = scenario;
        const order = { port, requests: scenario.requests(), expectedStatus };
        return { scenario, child, order };
      }),
    );
    await warmUp(plan, actors, stage);
    return await playRounds(plan, actors, stage);
  } finally {
    await Promise.all([load, upstream, ...children].map((child) => child.stop()));
  }
}

function newSubject(): SubjectChild {
  return new Child(childFile('run-subject.ts'));
}

function childFile(name: string): URL {
  return new URL(`./children/${name}`, import.meta.url);
}

async function startSubject(child: SubjectChild, subject: SubjectName, upstreamPort: number) {
  const { port } = await child.ask({ kind: 'start', subject, upstreamPort });
  return port;
}

async function warmUp(plan: Plan, actors: readonly Actor[], { load, report }: Stage) {
  const callers = Math.max(...plan.callers);
  for (const { scenario, order } of actors) {
    report(`warm-up: ${scenario.name}`);
    await load.ask({ ...order, callers, durationMs: plan.warmUpSeconds * 1000 });
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
  { scenario, child }: Actor,
  order: LoadOrder,
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
  };
}

async function cpuUsOf(child: SubjectChild): Promise<number> {
  const { cpuUs } = await child.ask({ kind: 'usage' });
  return cpuUs;
}
