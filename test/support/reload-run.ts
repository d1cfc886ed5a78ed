import { setTimeout as sleep } from 'node:timers/promises';
import { applyTable, tableWhere } from './admin.ts';
import type { JournalLine, RunningGateway } from './gateway.ts';

/** A gateway under load, as far as the run needs it. */
export type ReloadNode = Pick<RunningGateway, 'url' | 'adminUrl' | 'token' | 'records'>;

export interface ReloadOptions {
  /** Changes of the table, from allow to deny and back. */
  readonly changes: number;
  readonly callsPerSecond: number;
  /** Between two changes. */
  readonly pauseMs: number;
}

/**
 * What a run came to; all but the first three are to be nothing, and `latestMs` at most 1,000. On a
 * machine that is too slow for its journal some answers are strange: 503.
 */
export interface ReloadReport {
  readonly calls: number;
  readonly allowed: number;
  readonly denied: number;
  /** Calls whose answer is not the one of the version that their record names. */
  readonly mixed: number;
  /** Calls without a record that names a version. */
  readonly unnamed: number;
  /** Answers other than 200 and 403. */
  readonly strange: number;
  /** The most that a call was let through after the version that denies it was durable. */
  readonly latestMs: number;
}

/** Limits that no call of a run comes near. */
export const NO_LIMITS = [
  'requestsPerSecondPerTenant: 100000',
  'requestsPerSecondPerSource: 100000',
  'concurrentRequestsPerTenant: 10000',
  'concurrentRequestsPerSource: 10000',
].join('\n');

/**
 * Change the table at the first of some nodes on one database, again and again, while tenants call
 * all of them. Version 1 allows, version 2 denies, and so on.
 */
export async function reloadRun(
  nodes: readonly [ReloadNode, ...ReloadNode[]],
  { changes, callsPerSecond, pauseMs }: ReloadOptions,
): Promise<ReloadReport> {
  const ended = new AbortController();
  const calling = load(nodes, callsPerSecond, ended.signal);
  try {
    for (let basedOn = 1; basedOn <= changes; basedOn += 1) {
      const table = tableWhere({ photosMay: basedOn % 2 === 0 });
      const { status, body } = await applyTable(nodes[0], table, { basedOn });
      if (status !== 201) throw new Error(`${status} ${body.code}: ${body.detail}`);
      await sleep(pauseMs);
    }
  } finally {
    ended.abort();
    // Whatever went wrong, calls on their way come before the end of what they call.
    await Promise.allSettled([calling]);
  }
  return judge(await calling, nodes);
}

/** Statuses by request id. */
type Statuses = ReadonlyMap<string, number>;

async function load(
  nodes: readonly ReloadNode[],
  callsPerSecond: number,
  signal: AbortSignal,
): Promise<Statuses> {
  const statuses = new Map<string, number>();
  const calls: Promise<void>[] = [];
  const tokens = nodes.map((node) => node.token('photos'));
  const begun = performance.now();
  for (let index = 0; !signal.aborted; index += 1) {
    const turn = begun + (index * 1_000) / callsPerSecond;
    await sleep(Math.max(0, turn - performance.now()));
    const node = nodes[index % nodes.length];
    if (node === undefined) break;
    // Many buckets: calls that wait for each other would prove less.
    const bucket = `bucket-${index % 199}-1250000000`;
    const call = put(`${node.url}/v1/regions/ap-shanghai/buckets/${bucket}/image-slim`, {
      authorization: `Bearer ${tokens[index % nodes.length]}`,
    });
    calls.push(call.then(({ id, status }) => void statuses.set(id, status)));
  }
  await Promise.all(calls);
  return statuses;
}

async function put(url: string, headers: Record<string, string>) {
  const answer = await fetch(url, {
    method: 'PUT',
    headers: { ...headers, 'content-type': 'application/json' },
    body: '{"modes":["API"]}',
  });
  await answer.arrayBuffer();
  return { id: answer.headers.get('x-request-id') ?? '', status: answer.status };
}

/** A record of a call, as far as it is judged by. */
interface Closing extends JournalLine {
  readonly at: string;
  readonly requestId: string;
  readonly decision: { readonly tableVersion: string | null };
}

async function judge(
  statuses: Statuses,
  nodes: readonly [ReloadNode, ...ReloadNode[]],
): Promise<ReloadReport> {
  const closings = await closingsOf(statuses, nodes);
  const durableAt = new Map(
    nodes[0].records().flatMap(({ kind, outcome, policyChange, at }) => {
      const { to } = (policyChange ?? {}) as { to?: { number: number } };
      const isMade = kind === 'closing' && outcome === 'applied' && to !== undefined;
      return isMade ? [[to.number, Date.parse(String(at))] as const] : [];
    }),
  );
  let [mixed, latestMs] = [0, 0];
  for (const { requestId, decision, at } of closings) {
    const version = Number(decision.tableVersion?.split(':')[0]);
    const status = statuses.get(requestId);
    const isAllowed = status === 200;
    if (status === (version % 2 === 1 ? 403 : 200)) mixed += 1;
    const revokedAt = durableAt.get(version + 1);
    // It was forwarded before its closing was written.
    if (isAllowed && revokedAt) latestMs = Math.max(latestMs, Date.parse(at) - revokedAt);
  }
  const count = (wanted: number) => [...statuses.values()].filter((one) => one === wanted).length;
  const [allowed, denied] = [count(200), count(403)];
  return {
    calls: statuses.size,
    allowed,
    denied,
    mixed,
    unnamed: statuses.size - closings.length,
    strange: statuses.size - allowed - denied,
    latestMs,
  };
}

/** Denials are noted: they come to the disk a little later than their answers. */
async function closingsOf(
  statuses: Statuses,
  nodes: readonly ReloadNode[],
): Promise<readonly Closing[]> {
  for (let tries = 0; ; tries += 1) {
    const closings = nodes.flatMap((node) => node.records()).filter(isClosing);
    const own = closings.filter(({ requestId }) => statuses.has(requestId));
    if (own.length >= statuses.size || tries === 20) return own;
    await sleep(100);
  }
}

function isClosing(record: JournalLine): record is Closing {
  const { tableVersion } = (record.decision ?? {}) as { tableVersion?: unknown };
  return record.kind === 'closing' && typeof tableVersion === 'string';
}
