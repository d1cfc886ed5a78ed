import type { StateBefore } from '../src/audit/record.ts';
import { type ErrorCode, GatewayError } from '../src/errors.ts';
import type { Services } from '../src/services.ts';
import { type ChangeConditions, isDone, isMatch } from '../src/slim/change-conditions.ts';
import { OPERATIONS } from '../src/slim/operation.ts';
import type { ToldState } from '../src/slim/xml-to-json.ts';
import type { UpstreamAnswer } from '../src/upstream/upstream.ts';
import { answerDone } from './answer-state.ts';
import { type GatewayContext, type GatewayState, type GatewayStep, stepResult } from './state.ts';
import { toldState } from './told-state.ts';

/**
 * What a bucket is before it is changed: for the record, for `If-Match`, and so that what is so
 * already is not set again. Behind takeTurn no other change of this gateway comes between.
 */
export function readState(services: Services): GatewayStep {
  const { readBefore, skipNoOp } = services.stateSettings;
  const warnOfPermission = createPermissionWarning(services);

  /** What the upstream tells; null when it does not and the change may go on all the same. */
  async function readBeforeChange(state: GatewayState): Promise<ToldState | null> {
    const { ifMatch } = stepResult(state, 'conditions');
    state.stateAnswer = await askState(state, services);
    const told = toldOrError(state.stateAnswer, services);
    state.stateBefore = stateBeforeOf(told);
    if (!(told instanceof GatewayError)) {
      requireMatch(ifMatch, told);
      return told;
    }
    refuseUnread(told, ifMatch);
    if (told.code === 'upstream-access-denied') warnOfPermission(state);
    return null;
  }

  async function readOrSkip(ctx: GatewayContext): Promise<void> {
    const { state } = ctx;
    const operation = stepResult(state, 'operation');
    const told = await readBeforeChange(state);
    const mayBeSkipped = skipNoOp && !stepResult(state, 'conditions').isStrict;
    if (told === null || !mayBeSkipped || !isDone(operation.configuration, told)) return;
    state.isNoOp = true;
    answerDone(ctx, operation);
  }

  return function readState(ctx) {
    const { state } = ctx;
    if (!OPERATIONS[stepResult(state, 'operation').name].isMutation) return undefined;
    const isAsked = readBefore === 'always' || stepResult(state, 'conditions').ifMatch !== null;
    if (isAsked) return readOrSkip(ctx);
    state.stateBefore = NOT_ASKED;
    return undefined;
  };
}

/** A change would fare no better. That the state may not be read says nothing of a change. */
const POINTLESS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'no-such-bucket',
  'bucket-not-bound',
  'region-unsupported',
  'upstream-credentials',
  'upstream-throttled',
  'clock-skew',
]);

/** Without `If-Match` a change goes on in the dark, unless it cannot come to anything. */
function refuseUnread(error: GatewayError, ifMatch: ChangeConditions['ifMatch']): void {
  const { code, upstream, headers, cause } = error;
  if (POINTLESS.has(code)) throw error;
  if (ifMatch === null) return;
  const detail = 'the state could not be read, so If-Match cannot be judged; nothing was changed';
  throw new GatewayError(code, detail, { ...(upstream && { upstream }), headers, cause });
}

function requireMatch(ifMatch: ChangeConditions['ifMatch'], { state }: ToldState): void {
  if (isMatch(ifMatch, state)) return;
  throw new GatewayError('precondition-failed', 'nothing was sent; read the state, then decide');
}

/** So much of a request's time may go into reading: a change that goes on needs the rest. */
const SHARE = 0.5;

/** By the same sub-account as the change that is to come. */
function askState(
  state: GatewayState,
  { subAccounts, upstreamRequestFor, signRequest, upstream }: Services,
): Promise<UpstreamAnswer> {
  const { host } = stepResult(state, 'upstreamRequest');
  const credentials = subAccounts.credentialsOf(stepResult(state, 'subAccount'));
  const request = upstreamRequestFor('GET', host, null);
  const signed = signRequest(request, credentials, upstream.timeFor(host));
  return upstream.call(signed, upstream.timeoutMs * SHARE);
}

function toldOrError(answer: UpstreamAnswer, services: Services): ToldState | GatewayError {
  try {
    return toldState(answer, services);
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
}

function stateBeforeOf(told: ToldState | GatewayError): StateBefore {
  if (told instanceof GatewayError) return notRead(told.code);
  return { ...told.state, code: told.isCertain ? null : 'not-certain' };
}

function notRead(code: string): StateBefore {
  return { status: null, modes: null, suffixes: null, code };
}

const NOT_ASKED = notRead('not-asked');

/** Once for each sub-account: it is about its permissions, and stays until they are changed. */
function createPermissionWarning({ log }: Services): (state: GatewayState) => void {
  const warned = new Set<string>();
  return (state) => {
    const { name } = stepResult(state, 'subAccount');
    if (warned.has(name)) return;
    warned.add(name);
    log.warn(
      { subAccount: name, resource: state.resource },
      'the state before a change may not be read: grant `ci:DescribeImageSlim`, or set `state.readBefore: never`',
    );
  };
}
