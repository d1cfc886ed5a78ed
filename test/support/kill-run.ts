import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { parsePublicKeys } from '../../src/audit/signing-key.ts';
import { verifyJournal } from '../../src/audit/verify.ts';
import { loadConfiguration } from '../../src/config/load.ts';
import { mintToken } from '../../src/identity/mint-token.ts';
import { SLIM_CONFIGURATIONS } from '../../src/slim/slim-configuration.ts';
import { type JournalLine, LOCAL_CLOUD, readJournal, writeFiles } from './gateway.ts';

const MAIN = new URL('../../bin/slimgate.js', import.meta.url).pathname;
const CALLERS = 24;
const MAX_RUN_MS = 250;
/** Sixteen calls each: more than are made until a kill. */
const BUCKETS_PER_KILL = 40;

/** What a run of kills came to; the first four numbers state the promise. */
export interface KillReport {
  readonly kills: number;
  /** Mutations that the local Cloud Infinite received and that have no intent in the journal. */
  readonly sentWithoutIntent: number;
  /** Answers that a caller got and whose closing is not in the journal. */
  readonly acknowledgedAndLost: number;
  /** Intents that are not closed, or closed more than once. */
  readonly notClosedOnce: number;
  readonly isChainIntact: boolean;
  readonly received: number;
  readonly acknowledged: number;
  readonly intents: number;
  readonly recovered: number;
}

/**
 * Kill a gateway under load again and again, always on the same journal, while the local Cloud
 * Infinite lives on in a process of its own and writes down what it receives. Every call of a run
 * is a request that occurs once, so that both journals can be compared exactly.
 */
export async function killRun(kills: number): Promise<KillReport> {
  const directory = mkdtempSync(join(tmpdir(), 'slimgate-kill-'));
  try {
    const buckets = Array.from(
      { length: kills * BUCKETS_PER_KILL },
      (_, index) => `kill-${index}-1250000000`,
    );
    const simulator = await startSimulator(directory, buckets);
    const acknowledged: string[] = [];
    const calls = everyCall(buckets);
    // Every other kill waits until the run is under load, however slow the machine is.
    for (let kill = 0; kill < kills; kill++) {
      await killOnce(directory, { calls, acknowledged, isUnderLoad: kill % 2 === 1 });
    }

    // One more start, so that what the last kill left open is closed as well.
    const last = await startGateway(directory);
    last.child.kill('SIGTERM');
    await once(last.child, 'exit');
    simulator.child.kill('SIGTERM');
    await once(simulator.child, 'exit');
    return { kills, ...(await compare(directory, acknowledged)) };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

interface Call {
  readonly bucket: string;
  readonly method: string;
  readonly body: string | undefined;
}

/** Each call once: 16 different ones for every bucket, which is another one from call to call. */
function* everyCall(buckets: readonly string[]): Generator<Call, undefined> {
  for (const { modes, suffixes } of SLIM_CONFIGURATIONS) {
    const body = JSON.stringify(suffixes.length > 0 ? { modes, suffixes } : { modes });
    for (const bucket of buckets) yield { bucket, method: 'PUT', body };
  }
  for (const bucket of buckets) yield { bucket, method: 'DELETE', body: undefined };
}

async function killOnce(
  directory: string,
  run: { calls: Iterator<Call, undefined>; acknowledged: string[]; isUnderLoad: boolean },
): Promise<void> {
  const { calls, acknowledged, isUnderLoad } = run;
  const { child, url } = await startGateway(directory);
  const firstAnswer = Promise.withResolvers<void>();
  const authorization = `Bearer ${tokenFor(directory)}`;
  const caller = async () => {
    for (let next = calls.next(); next.value !== undefined; next = calls.next()) {
      const { bucket, method, body } = next.value;
      const answer = await fetch(`${url}/v1/regions/ap-shanghai/buckets/${bucket}/image-slim`, {
        method,
        headers: { authorization, 'content-type': 'application/json' },
        ...(body !== undefined && { body }),
      });
      if (answer.ok)
        acknowledged.push(answer.headers.get('x-request-id') ?? 'an answer without id');
      firstAnswer.resolve();
      await answer.text();
    }
  };
  const callers = Promise.allSettled(Array.from({ length: CALLERS }, caller));
  if (isUnderLoad) await firstAnswer.promise;
  await sleep(Math.random() * MAX_RUN_MS);
  child.kill('SIGKILL');
  await once(child, 'exit');
  await callers;
}

/** A program that was started, and the URL it told. */
export interface Running {
  readonly child: ChildProcessByStdio<null, Readable, null>;
  readonly url: string;
}

async function startSimulator(directory: string, buckets: readonly string[]): Promise<Running> {
  const rows = buckets.map((name) => `  - { name: ${name}, region: ap-shanghai, bound: true }`);
  writeFileSync(join(directory, 'cloud.yaml'), `${LOCAL_CLOUD}${rows.join('\n')}\n`);
  const state = join(directory, 'cloud');
  mkdirSync(state);
  const args = ['simulator', '--cloud', join(directory, 'cloud.yaml'), '--state', state];
  const running = await run([...args, '--port', '0', '--strict'], /http:\/\/[0-9.]+:\d+/);
  const { port } = new URL(running.url);
  // The local Cloud Infinite is outside of the gateway's process: it must survive.
  writeFiles(directory, {
    upstream: `connect: { host: 127.0.0.1, port: ${port} }`,
    limits: 'requestsPerSecondPerTenant: 100000',
  });
  return running;
}

/**
 * Start a gateway on the files of a directory, in a process of its own.
 * @param nodeOptions for the process, beside the program
 */
export function startGateway(
  directory: string,
  nodeOptions: readonly string[] = [],
): Promise<Running> {
  const config = join(directory, 'gateway.yaml');
  return run(['start', '--config', config], /(?<=gateway +)http:\/\/[0-9.]+:\d+/, nodeOptions);
}

async function run(
  args: readonly string[],
  ready: RegExp,
  nodeOptions: readonly string[] = [],
): Promise<Running> {
  const child = spawn(process.execPath, [...nodeOptions, MAIN, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  let url: string | undefined;
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    output += chunk;
    [url] = ready.exec(output) ?? [];
    if (url !== undefined) break;
  }
  if (url === undefined) throw new Error(`it did not start: ${output}`);
  // What nobody reads fills the pipe, and then the program waits for it.
  child.stdout.resume();
  return { child, url };
}

/** A token of the issuer that is configured in a directory. */
export function tokenFor(directory: string, tenant = 'photos'): string {
  const [issuer] = loadConfiguration(join(directory, 'gateway.yaml'), {}).issuers;
  if (issuer === undefined) throw new Error('the configuration has an issuer');
  const request = { tenant, lifetimeSeconds: 600, now: new Date(), tokenId: 'kill-run' };
  return mintToken(issuer, request);
}

async function compare(directory: string, acknowledged: readonly string[]) {
  const journal = join(directory, 'var', 'journal');
  const keys = parsePublicKeys(
    readFileSync(join(directory, 'var', 'audit-signing.pub.pem'), 'utf8'),
  );
  const records = readJournal(journal);
  const intents = records.filter(({ kind }) => kind === 'intent');
  const closings = records.filter(({ kind }) => kind === 'closing');
  const closed = Map.groupBy(closings, ({ requestId }) => requestId);

  const intended = new Set(intents.map(keyOfIntent));
  const received = receivedMutations(join(directory, 'cloud', 'witness.jsonl'));
  return {
    sentWithoutIntent: received.filter((key) => !intended.has(key)).length,
    acknowledgedAndLost: acknowledged.filter(
      (id) => closed.get(id)?.some(({ outcome }) => outcome === 'applied') !== true,
    ).length,
    notClosedOnce: intents.filter(({ requestId }) => closed.get(requestId)?.length !== 1).length,
    isChainIntact: (await verifyJournal(journal, { keys })).isIntact,
    received: received.length,
    acknowledged: acknowledged.length,
    intents: intents.length,
    recovered: closings.filter(({ code }) => code === 'recovered').length,
  };
}

/** Bucket, method and mode with suffixes: what makes a call of a run the only one of its kind. */
function keyOfIntent({ operation }: JournalLine): string {
  const { name, bucket, modes, suffixes } = operation as {
    name: string;
    bucket: string;
    modes: string[] | null;
    suffixes: string[] | null;
  };
  return [bucket, name === 'enable' ? 'PUT' : 'DELETE', modes ?? '', suffixes ?? ''].join(' ');
}

function receivedMutations(witnessFile: string): string[] {
  return readFileSync(witnessFile, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
    .filter(({ method }) => method !== 'GET')
    .map(({ bucket, method, body }) => {
      const modes = /<SlimMode>(.*)<\/SlimMode>/.exec(body)?.[1] ?? '';
      const suffixes = [...body.matchAll(/<Suffix>(\w+)<\/Suffix>/g)].map(([, suffix]) => suffix);
      return [bucket, method, modes, suffixes].join(' ');
    });
}
