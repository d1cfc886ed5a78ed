import { expect, test } from 'vitest';
import { ERROR_TABLE } from '../../src/errors.ts';
import { type RunningGateway, startGateway } from '../support/gateway.ts';
import { normalAnswer, startRawUpstream } from '../support/raw-upstream.ts';
import {
  BROKEN_ANSWERS,
  HOSTILE_REFUSALS,
  HOSTILE_STATES,
  ODD_ANSWERS,
  SILENT_ANSWERS,
  type UpstreamFault,
} from '../support/upstream-faults.ts';

const AUTO = { modes: ['Auto'], suffixes: ['jpg'] };
const METHODS = ['PUT', 'GET', 'DELETE'] as const;
const REQUEST_ID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;
/** Far beyond the test's own limit: what is tested with it is found out without a deadline. */
const NO_DEADLINE_MS = 60_000;

const bucketOf = (index: number) => `fault-${index}-1250000000`;

/** A gateway whose upstream has a bucket for each fault, and is well for all others. */
async function startFailing(
  faults: readonly UpstreamFault[],
  timeoutMs: number,
): Promise<RunningGateway> {
  const upstream = await startRawUpstream((socket, request) => {
    const fault = faults[Number(/^fault-(\d+)-/.exec(request.host)?.[1] ?? -1)];
    if (fault === undefined) socket.write(normalAnswer(request.method));
    else fault.reply(socket, request);
  });
  return startGateway({
    connect: upstream,
    // Faults alone are looked at here: no pause behind one, and no outage for all of them.
    upstream: `timeoutMs: ${timeoutMs}\nsettleMs: 0\noutage: { failures: 100000 }`,
    limits: 'concurrentRequestsPerTenant: 1000',
  });
}

const call = (gateway: RunningGateway, method: string, bucket: string) =>
  gateway.call(method, { bucket, ...(method === 'PUT' && { body: AUTO }) });

/** Everything that counts of an answer and its record, in one value. */
async function endOf(gateway: RunningGateway, method: string, bucket: string) {
  const answer = await call(gateway, method, bucket);
  const text = await answer.text();
  const problem = text === '' ? {} : JSON.parse(text);
  const requestId = answer.headers.get('x-request-id') ?? '';
  return {
    requestId,
    answer: {
      type: answer.headers.get('content-type')?.split(';')[0],
      status: answer.status,
      problem: [problem.type, problem.title, problem.status, problem.code],
      hasRequestId: REQUEST_ID.test(requestId) && problem.requestId === requestId,
    },
  };
}

function wantedEnd({ code, outcome }: UpstreamFault, method: string) {
  const { status, title } = ERROR_TABLE[code];
  return {
    type: 'application/problem+json',
    status,
    problem: [`urn:slimgate:problem:${code}`, title, status, code],
    hasRequestId: true,
    // A query changes nothing, however it ended.
    outcome: method === 'GET' ? 'not_applied' : outcome,
    recordedCode: code,
  };
}

async function expectOneEndEach(
  faults: readonly UpstreamFault[],
  timeoutMs: number,
  methods: readonly string[] = METHODS,
): Promise<void> {
  const gateway = await startFailing(faults, timeoutMs);
  const cases = faults.flatMap((fault, index) =>
    methods.map((method) => ({ fault, index, method })),
  );
  const ends = await Promise.all(
    cases.map(({ index, method }) => endOf(gateway, method, bucketOf(index))),
  );
  for (const method of METHODS) {
    expect((await call(gateway, method, 'well-1250000000')).ok, 'and it serves on').toBe(true);
  }
  await gateway.close();

  const records = gateway.records().filter(({ kind }) => kind === 'closing');
  expect(records).toHaveLength(cases.length + METHODS.length);
  const closings = new Map(records.map((record) => [record.requestId, record]));
  const name = ({ fault, method }: (typeof cases)[number]) => `${method}: ${fault.name}`;
  expect(
    Object.fromEntries(
      ends.map(({ requestId, answer }, index) => {
        const { outcome, code: recordedCode } = closings.get(requestId) ?? {};
        return [name(cases[index] as never), { ...answer, outcome, recordedCode }];
      }),
    ),
  ).toEqual(Object.fromEntries(cases.map((one) => [name(one), wantedEnd(one.fault, one.method)])));
}

test('a broken answer of any kind is one 502, and the outcome is unknown', () =>
  expectOneEndEach(BROKEN_ANSWERS, NO_DEADLINE_MS));

test('an odd answer is never a success, and applied only what may have been applied', () =>
  expectOneEndEach(ODD_ANSWERS, NO_DEADLINE_MS));

test('a refusal whose document is made to harm its reader is a refusal', () =>
  expectOneEndEach(HOSTILE_REFUSALS, NO_DEADLINE_MS));

test('a state whose document is made to harm its reader is refused', () =>
  expectOneEndEach(HOSTILE_STATES, NO_DEADLINE_MS));

test('an answer that never ends is cut at the deadline with a 504', () =>
  expectOneEndEach(SILENT_ANSWERS, 600));
