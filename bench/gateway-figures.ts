import { setTimeout as sleep } from 'node:timers/promises';
import { Child } from './children/child.ts';
import type { LoadQuestion } from './children/run-load.ts';
import type { SubjectAnswer, SubjectQuestion } from './children/run-subject.ts';
import { GatewayProcess } from './gateway-process.ts';
import type { LoadResult } from './load.ts';
import { type Play, SCENARIOS, WHOLE_JOB } from './scenarios.ts';
import { median } from './statistics.ts';

/** What a process of the gateway costs beside its requests. */
export interface ProcessFigures {
  /** From the start of the process to its line `ready`: the median, and all. */
  readonly startMs: number;
  readonly startsMs: readonly number[];
  readonly restMib: number;
  /** The most that was seen while 64 callers asked. */
  readonly loadMib: number;
}

export interface ProcessPlan {
  readonly starts: number;
  readonly restSeconds: number;
  readonly loadSeconds: number;
}

const CALLERS = 64;
const MIB = 2 ** 20;

/** Start `slimgate start` again and again, then look at one that rests, and that is asked. */
export async function measureProcess(
  plan: ProcessPlan,
  report: (step: string) => void,
): Promise<ProcessFigures> {
  report('start and memory');
  const play = wholeJob();
  await using stack = new AsyncDisposableStack();
  const { upstreamPort, load } = await surround(stack, play);
  const startsMs: number[] = [];
  for (let index = 0; index < plan.starts; index += 1) {
    const { setting } = play;
    const one = await GatewayProcess.start({ upstreamPort, setting, isWatched: false });
    startsMs.push(one.readyMs);
    await one.stop();
  }
  const { setting, requests } = play;
  const gateway = await GatewayProcess.start({ upstreamPort, setting, isWatched: true });
  stack.defer(() => gateway.stop());
  await sleep(plan.restSeconds * 1000);
  const { rssBytes: restBytes } = await gateway.sample();
  let mostBytes = 0;
  const watch = setInterval(async () => {
    const { rssBytes } = await gateway.sample();
    mostBytes = Math.max(mostBytes, rssBytes);
  }, 200);
  stack.defer(() => clearInterval(watch));
  const durationMs = plan.loadSeconds * 1000;
  const order = { port: gateway.port, requests, expectedStatus: 200, callers: CALLERS, durationMs };
  await load.ask(order);
  clearInterval(watch);
  return {
    startMs: median(startsMs),
    startsMs,
    restMib: restBytes / MIB,
    loadMib: mostBytes / MIB,
  };
}

/** The play of the whole job. */
export function wholeJob(): Play {
  const scenario = SCENARIOS.find(({ name }) => name === WHOLE_JOB);
  if (scenario === undefined) throw new RangeError(`no scenario ${WHOLE_JOB}`);
  return scenario.play();
}

/** A load generator and an upstream, which end with the stack. */
export async function surround(stack: AsyncDisposableStack, { setting }: Play) {
  const load = stack.adopt(
    new Child<LoadQuestion, LoadResult>(new URL('./children/run-load.ts', import.meta.url)),
    (child) => child.stop(),
  );
  const upstream = stack.adopt(
    new Child<SubjectQuestion, SubjectAnswer>(
      new URL('./children/run-subject.ts', import.meta.url),
    ),
    (child) => child.stop(),
  );
  const start = { kind: 'start', subject: 'upstream', upstreamPort: 0, setting } as const;
  const { port } = await upstream.ask(start);
  return { load, upstreamPort: port };
}
