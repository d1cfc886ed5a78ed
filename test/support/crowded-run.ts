import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { readJournal, TABLE, writeFiles } from './gateway.ts';
import { type Running, startGateway, tokenFor } from './kill-run.ts';
import { type CallReport, callAtPace } from './paced-caller.ts';
import { SLIM_STATE } from './raw-upstream.ts';

/** The tenant that floods may ask so often; it asks ten times as often. */
const ALLOWED_PER_SECOND = 20;
const FLOOD_PER_SECOND = 200;
const WELL_PER_SECOND = 50;
const SLOW_SOCKETS = 1_000;
/** What is idle or slow is closed by then. */
const SETTLE_MS = 20_000;

const LIMITED = TABLE.replace(
  'photos: { subAccount: media }',
  `photos: { subAccount: media, limits: { requestsPerSecond: ${ALLOWED_PER_SECOND} } }`,
);

/** What the process holds. */
interface Held {
  /** What the heap has grown to: V8 gives it back late, or not at all. */
  readonly rssMiB: number;
  readonly descriptors: number;
}

/** The same at rest, when all garbage is collected: what is still in use. */
interface HeldAtRest extends Held {
  readonly heapUsedMiB: number;
  /** Of buffers, outside of V8's heap. */
  readonly externalMiB: number;
}

export interface CrowdedReport {
  /** The tenant that works at its pace, alone and beside the others. */
  readonly alone: CallReport;
  readonly crowded: CallReport;
  readonly flood: CallReport;
  readonly slowSockets: number;
  readonly reopened: number;
  readonly before: HeldAtRest;
  readonly during: Held;
  readonly after: HeldAtRest;
  /** Records of the journal by kind. */
  readonly records: Readonly<Record<string, number>>;
}

/** One tenant works while another floods and a thousand sockets are slow, from addresses of theirs. */
export async function crowdedRun(seconds: number): Promise<CrowdedReport> {
  const directory = mkdtempSync(join(tmpdir(), 'slimgate-crowded-'));
  const upstream = http.createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/xml' }).end(SLIM_STATE);
  });
  await once(upstream.listen(0, '127.0.0.1'), 'listening');
  const { port } = upstream.address() as AddressInfo; // It listens on TCP.
  writeFiles(directory, {
    table: LIMITED,
    upstream: `connect: { host: 127.0.0.1, port: ${port} }`,
  });
  const memory = join(directory, 'memory.json');
  const teller = new URL(`./tell-memory.ts?${encodeURIComponent(memory)}`, import.meta.url).href;
  const gateway = await startGateway(directory, ['--expose-gc', '--import', teller]);
  try {
    const report = await measure(gateway, { directory, seconds });
    gateway.child.kill('SIGTERM');
    await once(gateway.child, 'exit');
    const kinds = Map.groupBy(readJournal(join(directory, 'var', 'journal')), ({ kind }) => kind);
    const records = Object.fromEntries([...kinds].map(([kind, same]) => [kind, same.length]));
    return { ...report, records };
  } finally {
    gateway.child.kill('SIGKILL');
    upstream.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function measure(
  { child, url }: Running,
  { directory, seconds }: { readonly directory: string; readonly seconds: number },
): Promise<Omit<CrowdedReport, 'records'>> {
  const calls = (tenant: string, localAddress: string) => ({
    url: `${url}/v1/regions/ap-shanghai/buckets/examplebucket-1250000000/image-slim`,
    authorization: `Bearer ${tokenFor(directory, tenant)}`,
    localAddress,
    seconds,
  });
  const well = { ...calls('reports', '127.0.0.1'), perSecond: WELL_PER_SECOND };
  const flooding = { ...calls('photos', '127.0.0.2'), perSecond: FLOOD_PER_SECOND };
  const pid = child.pid ?? 0;
  const heldAtRest = () => heldWithoutGarbage(pid, join(directory, 'memory.json'));

  await callAtPace({ ...well, seconds: 5 });
  const alone = await callAtPace(well);
  await sleep(SETTLE_MS);
  const before = await heldAtRest();
  const authorization = `Authorization: Bearer ${tokenFor(directory, 'intern')}`;
  const slow = new Worker(new URL('./slow-sockets-main.ts', import.meta.url), {
    workerData: { count: SLOW_SOCKETS, port: Number(new URL(url).port), authorization },
  });
  await sleep(2_000);
  const [crowded, flood, during] = await Promise.all([
    callAtPace(well),
    callAtPace(flooding),
    sleep((seconds * 1_000) / 2).then(() => heldBy(pid)),
  ]);
  slow.postMessage('close');
  const [reopened] = await once(slow, 'message');
  await slow.terminate();
  await sleep(SETTLE_MS);
  return {
    alone,
    crowded,
    flood,
    slowSockets: SLOW_SOCKETS,
    reopened,
    before,
    during,
    after: await heldAtRest(),
  };
}

/** Source: Linux documentation, "The /proc Filesystem", 1.1. */
function heldBy(pid: number): Held {
  const [, kib = 0] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  const open = readdirSync(`/proc/${pid}/fd`);
  return { rssMiB: Math.round(Number(kib) / 1024), descriptors: open.length };
}

const MIB = 1024 * 1024;
const LOOK_MS = 50;

async function heldWithoutGarbage(pid: number, file: string): Promise<HeldAtRest> {
  const held = heldBy(pid);
  rmSync(file, { force: true });
  process.kill(pid, 'SIGUSR2');
  while (!existsSync(file) || readFileSync(file, 'utf8') === '') await sleep(LOOK_MS);
  const { heapUsed, external }: NodeJS.MemoryUsage = JSON.parse(readFileSync(file, 'utf8'));
  return {
    ...held,
    heapUsedMiB: Math.round((heapUsed / MIB) * 10) / 10,
    externalMiB: Math.round((external / MIB) * 10) / 10,
  };
}
