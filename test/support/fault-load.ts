import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait, setImmediate as yieldTurn } from 'node:timers/promises';
import { Agent, fetch } from 'undici';
import { onTestFinished } from 'vitest';
import { loadConfiguration } from '../../src/config/load.ts';
import { mintToken } from '../../src/identity/mint-token.ts';
import { startCli } from '../cli/running-cli.ts';
import { type JournalLine, REGION, readJournal, writeFiles } from './gateway.ts';

/** One call of a run. */
export interface Call {
  readonly method: 'PUT' | 'GET' | 'DELETE';
  readonly bucket: string;
  readonly body?: object;
  /** Left out: `photos`. */
  readonly tenant?: string;
  /** Left out: that of the tests. */
  readonly region?: string;
}

/** What a caller saw of it. */
export interface CallEnd {
  readonly call: Call;
  readonly requestId: string;
  readonly status: number;
  /** Of a problem document; null for a success. */
  readonly code: string | null;
  readonly isWellFormed: boolean;
  readonly durationMs: number;
}

/** A gateway in a process of its own. */
export interface GatewayProcess {
  readonly url: string;
  token(tenant: string): string;
  /** Memory that it holds, in bytes, and files and sockets that it has open; Linux alone tells. */
  usage(): { readonly rssBytes: number; readonly descriptors: number };
  /** Stop it; then its journal is whole. */
  stop(): Promise<{ readonly stderr: string; readonly records: readonly JournalLine[] }>;
}

const NO_LIMITS = [
  'requestsPerSecondPerTenant: 100000',
  'requestsPerSecondPerSource: 100000',
  'concurrentRequestsPerTenant: 4000',
  'concurrentRequestsPerSource: 4000',
  'socketsPerPeer: 4000',
  // A caller may use a kept connection in the moment in which it is closed for idling.
  'idleSocketMs: 600000',
];

/** Start `slimgate start` with an upstream that is somewhere else. */
export async function startGatewayProcess(
  { port }: { readonly port: number },
  upstream: readonly string[],
): Promise<GatewayProcess> {
  const directory = mkdtempSync(join(tmpdir(), 'slimgate-faults-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const connect = `connect: { host: 127.0.0.1, port: ${port} }`;
  writeFiles(directory, {
    upstream: [connect, ...upstream].join('\n'),
    limits: NO_LIMITS.join('\n'),
  });
  const config = join(directory, 'gateway.yaml');
  const running = await startCli(directory, ['start', '--config', config], /"msg":"ready"/);
  const [issuer] = loadConfiguration(config, {}).issuers;
  if (issuer === undefined) throw new Error('the configuration has an issuer');
  const claims = { lifetimeSeconds: 7200, now: new Date(), tokenId: 'faults' };
  const proc = `/proc/${running.pid}`;
  return {
    url: /gateway +(http:\S+)/.exec(running.banner)?.[1] ?? '',
    token: (tenant) => mintToken(issuer, { ...claims, tenant }),
    usage() {
      const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`${proc}/status`, 'utf8'))?.[1];
      return {
        rssBytes: Number(kilobytes) * 1024,
        descriptors: readdirSync(`${proc}/fd`).length,
      };
    },
    async stop() {
      const { stderr } = await running.stop('SIGTERM');
      return { stderr, records: readJournal(join(directory, 'var', 'journal')) };
    },
  };
}

/** Send calls at a steady rate, whatever becomes of those before; resolves when all have ended. */
export async function callSteadily(
  gateway: GatewayProcess,
  calls: Iterable<Call>,
  perSecond: number,
): Promise<CallEnd[]> {
  const ends: Promise<CallEnd>[] = [];
  const dispatcher = new Agent();
  const startedAt = performance.now();
  for (const call of calls) {
    const dueMs = (ends.length / perSecond) * 1000 - (performance.now() - startedAt);
    // Behind its time, too, it reads the answers that have come: its own delay is not the gateway's.
    await (dueMs > 1 ? wait(dueMs) : yieldTurn());
    const sentAt = performance.now();
    ends.push(
      callOnce(gateway, call, dispatcher).catch((error) => unanswered(call, sentAt, error)),
    );
  }
  const ended = await Promise.all(ends);
  // Their connections would count as what the gateway holds.
  await dispatcher.close();
  return ended;
}

function unanswered(call: Call, sentAt: number, error: Error): CallEnd {
  const code = `no answer: ${error.cause ?? error}`;
  const durationMs = performance.now() - sentAt;
  return { call, requestId: '', status: 0, code, isWellFormed: false, durationMs };
}

async function callOnce(
  { url, token }: GatewayProcess,
  call: Call,
  dispatcher: Agent,
): Promise<CallEnd> {
  const { method, bucket, region = REGION, tenant = 'photos' } = call;
  const authorization = `Bearer ${token(tenant)}`;
  const sentAt = performance.now();
  const answer = await fetch(`${url}/v1/regions/${region}/buckets/${bucket}/image-slim`, {
    dispatcher,
    method,
    headers: { authorization, 'content-type': 'application/json' },
    ...(call.body && { body: JSON.stringify(call.body) }),
  });
  const text = await answer.text();
  const durationMs = performance.now() - sentAt;
  const json = text === '' ? {} : JSON.parse(text);
  const requestId = answer.headers.get('x-request-id') ?? '';
  const isProblem = answer.headers.get('content-type')?.startsWith('application/problem+json');
  const isWellFormed = answer.ok
    ? answer.status === (method === 'DELETE' ? 204 : 200)
    : isProblem === true && json.status === answer.status && json.requestId === requestId;
  return {
    call,
    requestId,
    status: answer.status,
    code: answer.ok ? null : String(json.code),
    isWellFormed,
    durationMs,
  };
}

/** The closing of each request, and whether it has exactly one. */
export function closingsOf(records: readonly JournalLine[]): ReadonlyMap<string, JournalLine> {
  const closings = records.filter(({ kind }) => kind === 'closing');
  const byId = new Map(closings.map((closing) => [closing.requestId ?? '', closing]));
  if (byId.size !== closings.length) throw new Error('a request is closed twice');
  return byId;
}

/** The value that a share of the durations does not exceed. */
export function percentileMs(ends: readonly CallEnd[], share: number): number {
  const sorted = ends.map(({ durationMs }) => durationMs).toSorted((a, b) => a - b);
  return sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? 0;
}
