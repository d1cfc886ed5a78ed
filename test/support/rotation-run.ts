import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadConfiguration } from '../../src/config/load.ts';
import { mintToken } from '../../src/identity/mint-token.ts';
import {
  bucketsOf,
  CHECK_MS,
  environmentOf,
  type Generation,
  keysText,
  replaceKeys,
  TENANTS,
  type Tenant,
  writeCloud,
  writeGateway,
} from './rotation-place.ts';

const MAIN = new URL('../../bin/slimgate.js', import.meta.url).pathname;

/** It is not the disk that is tried here: where there is a file system in memory it is taken. */
const MEMORY = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
/** A machine that is too slow for the pace gets fewer calls, not a queue of them. */
const MAX_ON_THEIR_WAY = 50;

/** How long the run lasts, and how long its keys. */
export interface RotationOptions {
  readonly seconds: number;
  readonly callsPerSecond: number;
  /** Life of the keys from STS and metadata. */
  readonly sessionSeconds: number;
  /** After how long the file has other keys; the older ones end as long after that. */
  readonly rotateMs: number;
}

/** What a run came to; `failed`, `foreign` and `expired` state the promise. */
export interface RotationReport {
  readonly calls: number;
  /** Calls that were not answered with success, by status and code. */
  readonly failed: Readonly<Record<string, number>>;
  /** Requests that the local cloud received with a key that is not the bucket's sub-account's. */
  readonly foreign: number;
  /** Requests that it received with a key that had ended. */
  readonly expired: number;
  /** How many keys have signed for each tenant. */
  readonly keys: Readonly<Record<Tenant, number>>;
}

/**
 * Rotate the keys of every source under load, in processes of their own: the file is replaced (and
 * half written, and broken, in between), STS and metadata give keys that end soon, and the gateway
 * gives way to another one that has other keys in its environment.
 */
export async function rotationRun(options: RotationOptions): Promise<RotationReport> {
  const directory = mkdtempSync(join(MEMORY, 'slimgate-rotation-'));
  const children: ChildProcess[] = [];
  const ended = new AbortController();
  try {
    const generations = generationsOf(options);
    const rotating = rotateFile(directory, generations, { ...options, signal: ended.signal });
    const gateways = await startAll(directory, generations, { options, children });
    const [first, second] = gateways;
    const target: Target = { url: first.url, directory, calls: [] };
    const replaced = sleep(options.seconds * 500).then(async () => {
      target.url = second.url;
      // As a load balancer does: no new calls at first, the end when those on their way are done.
      await Promise.all(target.calls);
      first.child.kill('SIGTERM');
      await once(first.child, 'exit');
    });
    const failed = await load(target, options);
    await replaced;
    const calls = target.calls.length;
    ended.abort();
    await rotating;
    await stop(children);
    return { calls, failed, ...judge(directory, generations) };
  } finally {
    ended.abort();
    await stop(children);
    rmSync(directory, { recursive: true, force: true });
  }
}

interface Running {
  readonly child: ChildProcess;
  readonly url: string;
}

async function startAll(
  directory: string,
  generations: readonly Generation[],
  { options, children }: { readonly options: RotationOptions; readonly children: ChildProcess[] },
): Promise<readonly [Running, Running]> {
  const { sessionSeconds } = options;
  const cloud = writeCloud(directory, generations, sessionSeconds);
  const args = ['simulator', '--cloud', cloud, '--state', join(directory, 'cloud')];
  const simulator = await run([...args, '--port', '0', '--strict'], {
    ready: /http:\S+/,
    children,
  });
  const { port } = new URL(simulator.url);
  const start = (gateway: number) => {
    const config = writeGateway({ directory, gateway, port, sessionSeconds });
    const ready = /(?<=gateway +)http:\S+/;
    return run(['start', '--config', config], { ready, children, env: environmentOf(gateway) });
  };
  return Promise.all([start(0), start(1)]);
}

interface RunOptions {
  readonly ready: RegExp;
  readonly children: ChildProcess[];
  readonly env?: Record<string, string>;
}

function run(args: readonly string[], { ready, children, env }: RunOptions): Promise<Running> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  children.push(child);
  const { promise, resolve, reject } = Promise.withResolvers<Running>();
  let output = '';
  // Read to the end: a log that nobody takes holds up the end of its process.
  child.stdout.on('data', (chunk) => {
    output += chunk;
    const [url] = ready.exec(output.slice(0, MAX_BANNER)) ?? [];
    if (url !== undefined) resolve({ child, url });
  });
  child.once('exit', () => reject(new Error(`it ended: ${output}`)));
  return promise;
}

const MAX_BANNER = 4_096;

async function stop(children: readonly ChildProcess[]): Promise<void> {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
}

function generationsOf({ seconds, rotateMs }: RotationOptions): readonly Generation[] {
  const startedAt = Date.now();
  const count = Math.ceil((seconds * 1000 + MAX_STARTING_MS) / rotateMs);
  return Array.from({ length: count }, (_, index) => ({
    secretId: `AKIDfile${index}`,
    expires: new Date(startedAt + (index + 2) * rotateMs),
  }));
}

const MAX_STARTING_MS = 20_000;

/** Replace the file again and again: after a half-written one, after a broken one, and plainly. */
async function rotateFile(
  directory: string,
  generations: readonly Generation[],
  { rotateMs, signal }: { readonly rotateMs: number; readonly signal: AbortSignal },
): Promise<void> {
  const path = join(directory, 'keys.yaml');
  for (const [index, generation] of generations.entries()) {
    const due = generation.expires.getTime() - 2 * rotateMs;
    await sleep(Math.max(due - Date.now(), 0), undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    if (index > 0 && index % 3 === 1) writeFileSync(path, keysText(generation).slice(0, 45));
    if (index > 0 && index % 3 === 2) writeFileSync(path, '%%% neither keys nor YAML');
    if (index > 0) await sleep(CHECK_MS / 2);
    replaceKeys(directory, generation);
  }
}

interface Target {
  url: string;
  readonly directory: string;
  readonly calls: Promise<void>[];
}

/** Calls at a steady pace. */
async function load(
  target: Target,
  { seconds, callsPerSecond }: RotationOptions,
): Promise<Record<string, number>> {
  const tokens = new Map(TENANTS.map((tenant) => [tenant, tokenFor(target.directory, tenant)]));
  const failed: Record<string, number> = {};
  let onTheirWay = 0;
  const startedAt = performance.now();
  for (let index = 0; index < seconds * callsPerSecond; index++) {
    const dueMs = startedAt + (index * 1000) / callsPerSecond - performance.now();
    if (dueMs > 0) await sleep(dueMs);
    while (onTheirWay >= MAX_ON_THEIR_WAY) await sleep(1);
    onTheirWay += 1;
    const tenant = TENANTS[index % TENANTS.length] ?? 'file';
    const round = Math.floor(index / TENANTS.length);
    const fault = callOnce(target.url, { tenant, round, token: tokens.get(tenant) ?? '' });
    target.calls.push(
      fault.then((told) => {
        onTheirWay -= 1;
        if (told !== null) failed[`${tenant}: ${told}`] = (failed[`${tenant}: ${told}`] ?? 0) + 1;
      }),
    );
  }
  await Promise.all(target.calls);
  return failed;
}

interface Call {
  readonly tenant: Tenant;
  readonly round: number;
  readonly token: string;
}

const METHODS = ['PUT', 'GET', 'DELETE', 'GET'] as const;

/** Null for a success. */
async function callOnce(url: string, { tenant, round, token }: Call): Promise<string | null> {
  const buckets = bucketsOf(tenant);
  const bucket = buckets[round % buckets.length];
  const method = METHODS[Math.floor(round / buckets.length) % METHODS.length] ?? 'GET';
  try {
    const answer = await fetch(`${url}/v1/regions/ap-shanghai/buckets/${bucket}/image-slim`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(method === 'PUT' && { body: '{"modes":["API"]}' }),
    });
    const text = await answer.text();
    return answer.ok ? null : `${answer.status} ${JSON.parse(text).code}`;
  } catch (error) {
    return String(error);
  }
}

function tokenFor(directory: string, tenant: Tenant): string {
  const configuration = loadConfiguration(join(directory, 'gateway-0.yaml'), environmentOf(0));
  const [issuer] = configuration.issuers;
  if (issuer === undefined) throw new Error('the configuration has an issuer');
  const request = { tenant, lifetimeSeconds: 3600, now: new Date(), tokenId: 'rotation-run' };
  return mintToken(issuer, request);
}

interface Seen {
  readonly receivedAt: string;
  readonly bucket: string | null;
  readonly secretId: string | null;
}

interface Issued {
  readonly secretId: string;
  readonly expires: string;
  readonly session: { readonly name: string };
}

/** What the local cloud's own journal says about who signed for whose bucket, and when. */
function judge(directory: string, generations: readonly Generation[]) {
  const lines = <Line>(name: string): Line[] =>
    readFileSync(join(directory, 'cloud', name), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  const issued = lines<Issued>('temporary-keys.jsonl');
  const tenantOf = new Map<string, Tenant>([
    ...generations.map(({ secretId }) => [secretId, 'file'] as const),
    ...issued.map(
      ({ secretId, session }) => [secretId, session.name === 'cvm' ? 'metadata' : 'sts'] as const,
    ),
    ['AKIDenvironment0', 'environment'],
    ['AKIDenvironment1', 'environment'],
    ['AKIDstranger', 'stranger'],
  ]);
  const endOf = new Map<string, Date>([
    ...generations.map(({ secretId, expires }) => [secretId, expires] as const),
    ...issued.map(({ secretId, expires }) => [secretId, new Date(expires)] as const),
  ]);
  const seen = lines<Seen>('witness.jsonl').filter(({ bucket }) => bucket !== null);
  const keysOf = (tenant: Tenant) =>
    new Set(seen.flatMap(({ bucket, secretId }) => (bucket?.startsWith(tenant) ? secretId : [])));
  return {
    foreign: seen.filter(
      ({ bucket, secretId }) => tenantOf.get(secretId ?? '') !== bucket?.split('-')[0],
    ).length,
    expired: seen.filter(({ secretId, receivedAt }) => {
      const end = endOf.get(secretId ?? '');
      return end !== undefined && new Date(receivedAt) >= end;
    }).length,
    keys: Object.fromEntries(TENANTS.map((tenant) => [tenant, keysOf(tenant).size])) as Record<
      Tenant,
      number
    >,
  };
}
