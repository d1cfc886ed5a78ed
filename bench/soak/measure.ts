import { surround, wholeJob } from '../gateway-figures.ts';
import { GatewayProcess } from '../gateway-process.ts';

/** What was seen at one moment of a soak, and in the time since the one before. */
export interface Moment {
  /** Since the load began. */
  readonly minutes: number;
  readonly rssMib: number;
  readonly heapMib: number;
  /** Open files and sockets; NaN where the system does not list them. */
  readonly descriptors: number;
  readonly delayP99Ms: number;
  readonly requestsPerSecond: number;
  readonly latencyP99Ms: number;
}

export interface SoakPlan {
  readonly seconds: number;
  /** Between two moments. */
  readonly everyMs: number;
  readonly callers: number;
}

const MIB = 2 ** 20;

/**
 * Ask `slimgate start` for changes without a pause, and look at it again and again.
 * @throws Error at the first answer that is not 200, with what the gateway's log warned of
 */
export async function soak(plan: SoakPlan, tell: (moment: Moment) => void): Promise<Moment[]> {
  const play = wholeJob();
  await using stack = new AsyncDisposableStack();
  const { upstreamPort, load } = await surround(stack, play);
  const { setting, requests } = play;
  const gateway = await GatewayProcess.start({ upstreamPort, setting, isWatched: true });
  stack.defer(() => gateway.stop());
  const order = { port: gateway.port, expectedStatus: 200, callers: plan.callers };
  await load.ask({ ...order, requests, durationMs: 1 });
  await gateway.sample(); // What went before is not of the first moment.

  const moments: Moment[] = [];
  const startedAt = performance.now();
  for (let left = Math.ceil((plan.seconds * 1000) / plan.everyMs); left > 0; left -= 1) {
    const {
      requests: answered,
      elapsedMs,
      latencyMs,
    } = await load.ask({ ...order, durationMs: plan.everyMs }).catch((error: unknown) => {
      throw new Error([String(error), ...gateway.warnings].join('\n'));
    });
    const sample = await gateway.sample();
    const moment: Moment = {
      minutes: (performance.now() - startedAt) / 60_000,
      rssMib: sample.rssBytes / MIB,
      heapMib: sample.heapBytes / MIB,
      descriptors: sample.descriptors ?? Number.NaN,
      delayP99Ms: sample.delayP99Ms,
      requestsPerSecond: (answered / elapsedMs) * 1000,
      latencyP99Ms: latencyMs.p99,
    };
    moments.push(moment);
    tell(moment);
  }
  return moments;
}
