import { expect, test } from 'vitest';
import { ERROR_TABLE, type ErrorCode } from '../../../src/errors.ts';
import type { Simulator } from '../../../src/simulator/create-simulator.ts';
import { parseLocalCloud } from '../../../src/simulator/local-cloud.ts';
import { BUCKET, LOCAL_CLOUD, REGION, startGateway } from '../../support/gateway.ts';
import { startLocalCloud } from '../../support/local-cloud.ts';

const AUTO = { modes: ['Auto'], suffixes: ['jpg'] };
/** Soon enough for a test, late enough for what needs none. */
const TIMEOUT_MS = 400;

interface Case {
  readonly order: string;
  readonly code: ErrorCode;
  readonly outcome: string;
  /** Whether the bucket was changed, whatever the caller was told. */
  readonly isApplied: boolean;
}

const CASES: readonly Case[] = [
  {
    order: 'kind: delay, delayMs: 2000',
    code: 'upstream-timeout',
    outcome: 'unknown',
    isApplied: true,
  },
  { order: 'kind: drip', code: 'upstream-timeout', outcome: 'unknown', isApplied: true },
  { order: 'kind: lost-answer', code: 'upstream-failed', outcome: 'unknown', isApplied: true },
  {
    order: 'kind: reset-before-answer',
    code: 'upstream-failed',
    outcome: 'unknown',
    isApplied: false,
  },
  { order: 'kind: xml-doctype', code: 'upstream-unexpected', outcome: 'unknown', isApplied: true },
  { order: 'kind: endless-body', code: 'upstream-unexpected', outcome: 'unknown', isApplied: true },
  {
    order: 'kind: error-with-200',
    code: 'upstream-unexpected',
    outcome: 'unknown',
    isApplied: false,
  },
  {
    order: 'kind: server-error-page',
    code: 'upstream-failed',
    outcome: 'unknown',
    isApplied: false,
  },
  {
    order: 'kind: throttled',
    code: 'upstream-throttled',
    outcome: 'not_applied',
    isApplied: false,
  },
  {
    order: 'kind: redirect',
    code: 'upstream-unexpected',
    outcome: 'not_applied',
    isApplied: false,
  },
];

async function startMisbehaving(order: string): Promise<Simulator> {
  const cloud = parseLocalCloud(`${LOCAL_CLOUD}\nmisbehaviour: [{ ${order} }]\n`);
  return startLocalCloud({ cloud, strict: true });
}

test.for(CASES)('the gateway tells $order as $code, once', async ({ order, ...wanted }) => {
  const simulator = await startMisbehaving(`${order}, operation: PutImageSlim`);
  const gateway = await startGateway({ connect: simulator, upstream: `timeoutMs: ${TIMEOUT_MS}` });
  const answer = await gateway.call('PUT', { body: AUTO });
  const problem: unknown = await answer.json();
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
  expect(problem).toMatchObject({ code: wanted.code, status: ERROR_TABLE[wanted.code].status });
  const { mode = null } = simulator.stateOf(BUCKET, REGION) ?? {};
  expect(mode).toBe(wanted.isApplied ? 'Auto' : null);
  const outcomes = gateway.records().filter(({ outcome }) => typeof outcome === 'string');
  expect(outcomes).toMatchObject([{ outcome: wanted.outcome, code: wanted.code }]);
});

test('the gateway learns a clock that is an hour behind, and signs once more by it', async () => {
  const order = 'kind: clock-skew, clockSkewSeconds: -3600, operation: PutImageSlim';
  const simulator = await startMisbehaving(order);
  const gateway = await startGateway({ connect: simulator });
  expect((await gateway.call('PUT', { body: AUTO })).status).toBe(200);
  expect(simulator.stateOf(BUCKET, REGION)).toMatchObject({ mode: 'Auto' });
  const outcomes = gateway.records().filter(({ outcome }) => typeof outcome === 'string');
  expect(outcomes).toMatchObject([{ outcome: 'applied', attempts: 2 }]);
});

test('the gateway is not disturbed by provisional answers', async () => {
  const simulator = await startMisbehaving('kind: informational, count: 3');
  const gateway = await startGateway({ connect: simulator });
  expect((await gateway.call('PUT', { body: AUTO })).status).toBe(200);
  expect(await (await gateway.call('GET')).json()).toMatchObject({ status: 'on' });
});
