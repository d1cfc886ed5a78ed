import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { parseLocalCloud } from '../../src/simulator/local-cloud.ts';
import { KINDS } from '../../src/simulator/misbehaviour/kinds.ts';
import type { WitnessEntry } from '../../src/simulator/witness.ts';
import { SLIM_CONFIGURATIONS } from '../../src/slim/slim-configuration.ts';
import {
  type Call,
  type CallEnd,
  callSteadily,
  closingsOf,
  percentileMs,
  startGatewayProcess,
} from '../support/fault-load.ts';
import { type JournalLine, LOCAL_CLOUD, REGION } from '../support/gateway.ts';
import { startLocalCloud, temporaryDirectory } from '../support/local-cloud.ts';
import { normalAnswer, startRawUpstream } from '../support/raw-upstream.ts';
import {
  BROKEN_ANSWERS,
  HOSTILE_REFUSALS,
  HOSTILE_STATES,
  ODD_ANSWERS,
  SILENT_ANSWERS,
} from '../support/upstream-faults.ts';

/**
 * `npm run fault-matrix` runs so long, at 200 calls a second; its result stands in docs/upstream.md.
 * Otherwise each case has its call, at a rate that a busy machine can bear.
 */
const SECONDS = Number(process.env.FAULT_MATRIX_SECONDS ?? 0);
const IS_LONG = SECONDS > 0;
const PER_SECOND = IS_LONG ? 200 : 100;
const TIMEOUT_MS = IS_LONG ? 1_000 : 2_000;
const TURN_WAIT_MS = 5_000;
/** For a machine that has other things to do. */
const SLACK_MS = IS_LONG ? 500 : 8_000;
const PATIENTLY = { timeout: 20_000 } as const;

const UPSTREAM = [
  `timeoutMs: ${TIMEOUT_MS}`,
  'idleSocketMs: 500',
  'settleMs: 200',
  // Faults alone are looked at here: what is left alone does not show any.
  'outage: { failures: 100000 }',
];
const METHODS = ['PUT', 'GET', 'DELETE'] as const;
const ELSEWHERE = 'ap-guangzhou';
const WELL = { method: 'GET', bucket: 'well-1250000000' } as const;

const FAULTS = [
  ...BROKEN_ANSWERS,
  ...ODD_ANSWERS,
  ...HOSTILE_REFUSALS,
  ...HOSTILE_STATES,
  ...SILENT_ANSWERS,
];

function put(index: number): Pick<Call, 'method' | 'body'> {
  const configuration = SLIM_CONFIGURATIONS[index % SLIM_CONFIGURATIONS.length];
  const { modes = [], suffixes = [] } = configuration ?? {};
  return { method: 'PUT', body: suffixes.length > 0 ? { modes, suffixes } : { modes } };
}

/** How many calls it takes for so many cases, with those on the bucket that is well. */
const countOf = (cases: number) => (IS_LONG ? SECONDS * PER_SECOND : Math.ceil(cases * 1.12));

/** Every tenth call is on a bucket that is well; the others are one for each case in turn. */
function* callsOf(count: number, callAt: (index: number) => Call): Generator<Call> {
  for (let index = 0; index < count; index += 1) {
    yield index % 10 === 9 ? WELL : callAt(index - Math.floor(index / 10));
  }
}

function report(name: string, ends: readonly CallEnd[], more: object): void {
  if (!IS_LONG) return;
  const well = ends.filter(({ call }) => call === WELL);
  const line = {
    calls: ends.length,
    slowestMs: Math.round(percentileMs(ends, 1)),
    wellP99Ms: Math.round(percentileMs(well, 0.99)),
    ...more,
  };
  process.stdout.write(`${name}: ${JSON.stringify(line)}\n`);
}

/** All that the cloud has received: in memory it keeps the latest alone. */
function witnessed(stateDirectory: string): WitnessEntry[] {
  const text = readFileSync(join(stateDirectory, 'witness.jsonl'), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line): WitnessEntry => JSON.parse(line));
}

/** What holds for every call, whatever its upstream did. */
function expectWellEnded(ends: readonly CallEnd[], longestMs: number): void {
  expect(ends.filter(({ isWellFormed }) => !isWellFormed)).toEqual([]);
  expect(ends.filter(({ durationMs }) => durationMs > longestMs)).toEqual([]);
  const hurt = ends.filter(({ call, status }) => call === WELL && status !== 200);
  expect(hurt, 'other buckets are unhurt').toEqual([]);
}

test('every fault of an upstream: one answer, the right outcome, nothing left over', async () => {
  const upstream = await startRawUpstream((socket, request) => {
    const fault = FAULTS[Number(/^fault-(\d+)-/.exec(request.host)?.[1] ?? -1)];
    if (fault === undefined) socket.write(normalAnswer(request.method));
    else fault.reply(socket, request);
  });
  const gateway = await startGatewayProcess(upstream, UPSTREAM);

  // A bucket for each call, so that what arrived for it can be told.
  const calls = callsOf(countOf(FAULTS.length), (index) => {
    const method = METHODS[index % 3] ?? 'GET';
    const fault = Math.floor(IS_LONG ? index / 3 : index) % FAULTS.length;
    const bucket = `fault-${fault}-${index}-1250000000`;
    return { bucket, ...(method === 'PUT' ? put(index) : { method }) };
  });
  // The base line is that of a process at work: what it holds from then on would be a leak.
  const all = [...calls];
  const begun = await callSteadily(gateway, all.slice(0, all.length / 2), PER_SECOND);
  await expect.poll(() => upstream.openSockets().length, PATIENTLY).toBe(0);
  const before = gateway.usage();
  const ended = await callSteadily(gateway, all.slice(all.length / 2), PER_SECOND);
  await expect.poll(() => upstream.openSockets().length, PATIENTLY).toBe(0);
  // The ends of callers' connections are noticed a moment later.
  await expect
    .poll(() => gateway.usage().descriptors, PATIENTLY)
    .toBeLessThanOrEqual(before.descriptors);
  const after = gateway.usage();
  const ends = [...begun, ...ended];
  const { stderr, records } = await gateway.stop();

  expectWellEnded(ends, TIMEOUT_MS + SLACK_MS);
  const closings = closingsOf(records);
  const wrong = ends.flatMap(({ call, code, requestId }) => {
    const fault = FAULTS[Number(/^fault-(\d+)-/.exec(call.bucket)?.[1] ?? -1)];
    if (fault === undefined) return [];
    // A query changes nothing, however it ended.
    const wanted = [fault.code, call.method === 'GET' ? 'not_applied' : fault.outcome];
    const got = [code, closings.get(requestId)?.outcome];
    return String(got) === String(wanted) ? [] : [{ fault: fault.name, call, wanted, got }];
  });
  expect(wrong).toEqual([]);
  expect(stderr).toBe('');
  expect(after.rssBytes - before.rssBytes).toBeLessThan(64 * 1024 * 1024);
  report('faults', ends, { faults: FAULTS.length, before, after });
}, 600_000);

const KIND_NAMES = [...KINDS.keys()];
const BUCKETS_OF_KIND = IS_LONG ? 24 : 3;
const bucketOfKind = (kind: string, index: number) => `${kind}-${index}-1250000000`;

function misbehavingCloud() {
  const buckets = KIND_NAMES.flatMap((kind) =>
    Array.from({ length: BUCKETS_OF_KIND }, (_, index) => ({
      kind,
      bucket: bucketOfKind(kind, index),
    })),
  );
  const names = [...buckets.map(({ bucket }) => bucket), WELL.bucket];
  return parseLocalCloud(
    [
      LOCAL_CLOUD.trim(),
      ...names.map((name) => `  - { name: ${name}, region: ${REGION}, bound: true }`),
      'misbehaviour:',
      ...buckets.map(({ kind, bucket }) => `  - { kind: ${kind}, bucket: ${bucket} }`),
    ].join('\n'),
  );
}

test('every misbehaviour of the local Cloud Infinite: its own journal agrees with ours', async () => {
  const stateDirectory = await temporaryDirectory();
  const cloud = await startLocalCloud({ cloud: misbehavingCloud(), strict: true, stateDirectory });
  const gateway = await startGatewayProcess(cloud, UPSTREAM);
  const calls = callsOf(countOf(KIND_NAMES.length * 3), (index) => {
    const kind = KIND_NAMES[index % KIND_NAMES.length] ?? '';
    const round = Math.floor(index / KIND_NAMES.length);
    const method = METHODS[round % 3] ?? 'GET';
    const bucket = bucketOfKind(kind, (IS_LONG ? Math.floor(round / 3) : round) % BUCKETS_OF_KIND);
    return { bucket, ...(method === 'PUT' ? put(round) : { method }) };
  });
  const ends = await callSteadily(gateway, calls, PER_SECOND);
  const { stderr, records } = await gateway.stop();

  expectWellEnded(ends, 2 * TURN_WAIT_MS + TIMEOUT_MS + SLACK_MS);
  const closings = closingsOf(records);
  const intents = records.filter(({ kind }) => kind === 'intent');
  const judged = judge(intents, witnessed(stateDirectory));
  const wrong = intents.filter((intent) => {
    const { outcome } = closings.get(intent.requestId ?? '') ?? {};
    const { isApplied, count } = judged.get(intent.requestId ?? '') ?? {};
    if (outcome === 'applied') return !isApplied;
    return outcome === 'not_applied' ? isApplied : outcome !== 'unknown' || count === 0;
  });
  expect(wrong).toEqual([]);
  const refused = ends.filter(({ requestId }) => closings.get(requestId)?.outcome === 'refused');
  expect(refused.filter(({ code }) => code !== 'overloaded')).toEqual([]);
  expect(stderr).toBe('');
  const outcomes = Object.fromEntries(
    ['applied', 'not_applied', 'unknown', 'refused'].map((outcome) => [
      outcome,
      [...closings.values()].filter((closing) => closing.outcome === outcome).length,
    ]),
  );
  report('misbehaviours', ends, { kinds: KIND_NAMES.length, intents: intents.length, ...outcomes });
}, 600_000);

test.runIf(IS_LONG)(
  '500 calls to a black hole slow another tenant by less than twice',
  async () => {
    const upstream = await startRawUpstream((socket, { method, host }) => {
      if (host.includes(ELSEWHERE)) socket.write(normalAnswer(method));
    });
    // As it comes, but for a deadline beyond the run, so that the calls hang all the time.
    const gateway = await startGatewayProcess(upstream, ['timeoutMs: 20000']);
    const own = Array.from({ length: 400 }, (_, index): Call => {
      const bucket = `own-${index % 8}-1250000000`;
      return { method: 'GET', bucket, tenant: 'reports', region: ELSEWHERE };
    });
    const swallowed = Array.from({ length: 500 }, (_, index): Call => {
      const bucket = `hole-${index % 100}-1250000000`;
      return { bucket, ...(index % 2 === 0 ? put(index) : { method: 'GET' }) };
    });
    await callSteadily(gateway, own, 40);
    const alone = await callSteadily(gateway, own, 40);
    const hanging = callSteadily(gateway, swallowed, 500);
    // By then all have arrived, and those whose turn does not come are refused.
    await wait(TURN_WAIT_MS * 2);
    const beside = await callSteadily(gateway, own, 40);
    const lost = await hanging;
    await expect.poll(() => upstream.openSockets().length, { timeout: 30_000 }).toBe(0);
    await gateway.stop();

    expect(beside.filter(({ status }) => status !== 200)).toEqual([]);
    expect(lost.filter(({ isWellFormed, status }) => !isWellFormed || status < 500)).toEqual([]);
    // Beyond it the four slowest of the calls would decide, and whatever else the machine did then.
    const shares = [0.5, 0.9, 0.95];
    const [aloneMs, besideMs] = [alone, beside].map((ends) =>
      shares.map((share) => percentileMs(ends, share)),
    );
    report('black hole', beside, { shares, aloneMs, besideMs });
    for (const index of shares.keys()) {
      expect(besideMs?.[index]).toBeLessThan(2 * (aloneMs?.[index] ?? 0));
    }
  },
  600_000,
);

interface Judged {
  /** How many requests arrived for an intent. */
  readonly count: number;
  readonly isApplied: boolean;
}

/**
 * What became of each intent, as the cloud's own journal has it. Changes of a bucket arrive in the
 * order of their intents, and no two that follow each other are the same: so the oldest arrivals
 * that look like an intent are its own.
 */
function judge(
  intents: readonly JournalLine[],
  received: readonly WitnessEntry[],
): ReadonlyMap<string, Judged> {
  const arrivals = Map.groupBy(
    received.filter(({ method }) => method !== 'GET'),
    ({ bucket }) => bucket ?? '',
  );
  return new Map(
    intents.map((intent) => {
      const queue = arrivals.get((intent.operation as { bucket: string }).bucket) ?? [];
      const own: WitnessEntry[] = [];
      const key = keyOfIntent(intent);
      for (let [next] = queue; next && keyOfArrival(next) === key; [next] = queue) {
        own.push(next);
        queue.shift();
      }
      const isApplied = own.some(({ changedTo }) => changedTo !== null);
      return [intent.requestId ?? '', { count: own.length, isApplied }];
    }),
  );
}

function keyOfIntent({ method, operation }: JournalLine): string {
  const { modes, suffixes } = operation as { modes: string[] | null; suffixes: string[] | null };
  return [method, modes ?? '', suffixes ?? ''].join(' ');
}

function keyOfArrival({ method, body }: WitnessEntry): string {
  const modes = /<SlimMode>(.*)<\/SlimMode>/.exec(body)?.[1] ?? '';
  const suffixes = [...body.matchAll(/<Suffix>(\w+)<\/Suffix>/g)].map(([, suffix]) => suffix);
  return [method, modes, suffixes].join(' ');
}
