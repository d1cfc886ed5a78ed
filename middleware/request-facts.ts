import type { ClosingFacts, RequestFacts } from '../src/audit/record.ts';
import type { UnknownOutcome } from '../src/audit/resolution.ts';
import { ADMIN_OPERATIONS } from '../src/policy/admin-operation.ts';
import { OPERATIONS } from '../src/slim/operation.ts';
import { type GatewayContext, type GatewayState, stepResult } from './state.ts';

/** What the record of a request is built from, at whatever step it has come to. */
export function requestFacts({ req, path, state }: GatewayContext): RequestFacts {
  const { requestId, traceId, receivedAt, peerAddress, sourceAddress = null } = state;
  const { tenant, operation, adminOperation, subAccount, decision, upstreamRequest } = state;
  return {
    requestId,
    traceId,
    receivedAt,
    peerAddress,
    sourceAddress,
    method: req.method ?? '',
    // A path that was not understood is not repeated: anything may stand in it.
    path: operation || adminOperation ? path : '(not read)',
    tenant: tenant ?? null,
    operation: operation ? operationFacts(operation, state) : adminFacts(adminOperation),
    bodySha256: state.bodySha256 ?? null,
    decision: decision ?? null,
    subAccount: subAccount
      ? { ...subAccount, secretId: state.signedRequest?.secretId ?? null }
      : null,
    upstream: upstreamRequest
      ? { host: upstreamRequest.host, requestSha256: upstreamRequest.sha256 }
      : null,
    stateBefore: state.stateBefore ?? null,
    ...changeFacts(state),
  };
}

/** What is changed of the gateway’s own: each is of one operation alone. */
function changeFacts({ policyChange, revocationChange, auditPruning }: GatewayState) {
  return {
    ...(policyChange && { policyChange }),
    ...(revocationChange && { revocationChange }),
    ...(auditPruning && { auditPruning }),
  };
}

function adminFacts(name: GatewayState['adminOperation']): RequestFacts['operation'] {
  if (name === undefined) return null;
  const action = ADMIN_OPERATIONS[name];
  const none = { region: null, bucket: null, modes: null, suffixes: null };
  return { name, action, resource: '*', isDryRun: false, ...none };
}

function operationFacts(
  operation: NonNullable<GatewayState['operation']>,
  { resource, deniedAction }: GatewayState,
): RequestFacts['operation'] {
  const { name, target, configuration, isDryRun } = operation;
  return {
    name,
    region: target.region,
    bucket: target.bucket,
    action: deniedAction ?? OPERATIONS[name].action,
    resource: resource ?? '',
    modes: configuration?.modes ?? null,
    suffixes: configuration?.suffixes ?? null,
    isDryRun,
  };
}

/** How the request ended, from what the steps have left. */
export function closingFacts(ctx: GatewayContext, closedAt: Date): ClosingFacts {
  const { state } = ctx;
  const { answer, stateAnswer, isNoOp, error, receivedAt } = state;
  // What ended without being sent, rests on what the upstream said of the state.
  const said = answer ?? stateAnswer;
  return {
    outcome: outcomeOf(state),
    status: state.reply.status,
    code: error?.code ?? (isNoOp ? 'no-op' : null),
    upstreamStatus: said?.status ?? null,
    upstreamCode: said?.code ?? null,
    upstreamRequestId: said?.requestId ?? null,
    attempts: answer?.attempts ?? 0,
    durationMs: closedAt.getTime() - receivedAt.getTime(),
  };
}

function outcomeOf(state: GatewayState): ClosingFacts['outcome'] {
  const { operation, stateBefore, answer, error, changeOutcome } = state;
  if (changeOutcome !== undefined) return changeOutcome;
  if (answer === undefined) {
    // What reading the state came to is the upstream's word, not ours.
    const isOurs = error !== undefined && error.code !== stateBefore?.code;
    return isOurs ? 'refused' : 'not_applied';
  }
  // A query changes nothing, however it ended.
  return operation && OPERATIONS[operation.name].isMutation ? answer.outcome : 'not_applied';
}

/** A change that was sent and whose outcome is not known: what finding it out needs. */
export function unknownOutcome({ state }: GatewayContext): UnknownOutcome {
  const { name, target, configuration } = stepResult(state, 'operation');
  const { modes = [], suffixes = [] } = configuration ?? {};
  return {
    requestId: state.requestId,
    tenant: state.tenant?.name ?? null,
    operation: {
      name: name === 'enable' ? 'enable' : 'disable',
      region: target.region,
      bucket: target.bucket,
      modes,
      suffixes,
    },
    subAccount: stepResult(state, 'subAccount').name,
    stateBefore: knownState(state.stateBefore),
  };
}

function knownState(before: GatewayState['stateBefore']): UnknownOutcome['stateBefore'] {
  if (before === undefined || before.status === null) return null;
  const { status, modes, suffixes } = before;
  return { status, modes: modes ?? [], suffixes: suffixes ?? [] };
}
