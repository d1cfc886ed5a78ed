import http from 'node:http';

/** An answer that takes longer is none. */
const ANSWER_MS = 20_000;

/** What became of the calls of one tenant. */
export interface CallReport {
  readonly calls: number;
  /** Answers by status; 0 where there was none. */
  readonly statuses: Readonly<Record<number, number>>;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface PacedCalls {
  readonly url: string;
  readonly authorization: string;
  readonly perSecond: number;
  readonly seconds: number;
  readonly localAddress: string;
}

/** Ask at a steady pace, whatever the answers take; each answer’s time is counted from its turn. */
export async function callAtPace(asked: PacedCalls): Promise<CallReport> {
  const { perSecond, seconds } = asked;
  const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
  const begun = performance.now();
  const calls = Array.from({ length: perSecond * seconds }, async (_, index) => {
    const turn = begun + (index * 1_000) / perSecond;
    await new Promise((resolve) => setTimeout(resolve, Math.max(1, turn - performance.now())));
    const status = await statusOf(asked, agent);
    return { status, ms: performance.now() - turn };
  });
  const answers = await Promise.all(calls);
  agent.destroy();
  const served = answers.filter(({ status }) => status === 200).map(({ ms }) => ms);
  const sorted = served.toSorted((a, b) => a - b);
  const at = (share: number) => Number((sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(1));
  const byStatus = Map.groupBy(answers, ({ status }) => status);
  return {
    calls: answers.length,
    statuses: Object.fromEntries([...byStatus].map(([status, same]) => [status, same.length])),
    p50Ms: at(0.5),
    p99Ms: at(0.99),
  };
}

function statusOf(asked: PacedCalls, agent: http.Agent): Promise<number> {
  const { url, authorization, localAddress } = asked;
  return new Promise((resolve) => {
    const headers = { authorization };
    const request = http.get(url, { agent, headers, localAddress }, (answer) => {
      answer.resume().on('close', () => resolve(answer.complete ? (answer.statusCode ?? 0) : 0));
    });
    request.setTimeout(ANSWER_MS, () => request.destroy());
    request.on('error', () => resolve(0));
  });
}
