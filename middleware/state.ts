import type { Context, Middleware } from 'koa';
import type { SubAccount } from '../src/accounts/sub-account.ts';
import type { JournalPosition } from '../src/audit/chain.ts';
import type { ClosingFacts, RequestFacts, StateBefore } from '../src/audit/record.ts';
import type { GatewayError } from '../src/errors.ts';
import type { Tenant } from '../src/identity/tenant.ts';
import type { AdminOperationName } from '../src/policy/admin-operation.ts';
import type { Decision } from '../src/policy/decide.ts';
import type { SignedRequest } from '../src/signing/sign-request.ts';
import type { ChangeConditions } from '../src/slim/change-conditions.ts';
import type { Operation } from '../src/slim/operation.ts';
import type { UpstreamAnswer } from '../src/upstream/upstream.ts';
import type { UpstreamRequest } from '../src/upstream/upstream-request.ts';

/** The one bag of a request: each step adds what is named after it, and nothing is overwritten. */
export interface GatewayState {
  /** Added by openRequest, as the three below it. */
  requestId: string;
  receivedAt: Date;
  /** The caller's trace, when it sent a valid `traceparent`. */
  traceId: string | null;
  peerAddress: string | null;
  /** Added by guardSource: the peer's, or the one that a trusted proxy names. */
  sourceAddress?: string | null;
  /** Added by authenticate; absent when the token was missing or refused. */
  tenant?: Tenant;
  /** Added by readOperation; absent when the request could not be read. */
  operation?: Operation;
  /** Added by readOperation: SHA-256 of the body's raw bytes, in hex. */
  bodySha256?: string;
  /** Added by authorizeAdmin, in place of an operation on a bucket. */
  adminOperation?: AdminOperationName;
  /** Added by the step that changes the policy table, before anything is recorded. */
  policyChange?: NonNullable<RequestFacts['policyChange']>;
  /** Added by the steps that revoke and lift, before anything is recorded. */
  revocationChange?: NonNullable<RequestFacts['revocationChange']>;
  /** Added by the step that prunes the journal, before anything is recorded. */
  auditPruning?: NonNullable<RequestFacts['auditPruning']>;
  /** Added by the same steps when it is known what became of the change. */
  changeOutcome?: ClosingFacts['outcome'];
  /** Added by readOperation, of a change. */
  conditions?: ChangeConditions;
  /** Added by authorize, whatever it decided. */
  decision?: Decision;
  /** Added by authorize: the resource's six-segment name. */
  resource?: string;
  /** Added by readSavings: the objects that are asked about. */
  objectKeys?: readonly string[];
  /** Added by authorizeObjects when it denies: `decision` and `resource` are about this one then. */
  deniedAction?: string;
  /** Added by authorize; absent for a tenant without one. */
  subAccount?: SubAccount;
  /** Added by translate. */
  upstreamRequest?: UpstreamRequest;
  /** Added by sign. */
  signedRequest?: SignedRequest;
  /** Added by readState, of a change: the answer to its question, when it asked. */
  stateAnswer?: UpstreamAnswer;
  /** Added by readState, of a change: what the bucket is before it. */
  stateBefore?: StateBefore;
  /** Added by readState: whether there is nothing to change. */
  isNoOp?: boolean;
  /** Added by recordIntent, for mutations: where the intent stands. */
  intent?: JournalPosition;
  /** Added by recordIntent: what the intent says of the request, for its closing. */
  recordedFacts?: RequestFacts;
  /** Added by forward. */
  answer?: UpstreamAnswer;
  /** Added by answerErrors. */
  error?: GatewayError;
}

export type GatewayContext = Context & { state: GatewayState };
export type GatewayStep = Middleware<GatewayState>;

/**
 * What an earlier step has added.
 * @throws Error when that step has not run: the pipeline is in the wrong order
 */
export function stepResult<Name extends keyof GatewayState>(
  state: GatewayState,
  name: Name,
): NonNullable<GatewayState[Name]> {
  const value = state[name];
  if (value === undefined || value === null) {
    throw new Error(`\`${name}\` is asked for before its step has run`);
  }
  return value;
}
