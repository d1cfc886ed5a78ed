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
import type { Reply } from './reply.ts';

/**
 * The one bag of a request: each step adds what is named after it, and nothing is overwritten. What
 * no step has added yet is undefined.
 */
export class GatewayState {
  /** Of openRequest, as the four below it. */
  readonly requestId: string;
  readonly receivedAt: Date;
  /** The caller's trace, when it sent a valid `traceparent`. */
  readonly traceId: string | null;
  readonly peerAddress: string | null;
  /** What it is answered with. */
  readonly reply: Reply;
  /** To be done when the steps have ended, however they did: the latest first. */
  readonly endings: (() => void)[] = [];
  /** Added by guardSource: the peer's, or the one that a trusted proxy names. */
  sourceAddress: string | null | undefined = undefined;
  /** Added by authenticate; absent when the token was missing or refused. */
  tenant: Tenant | undefined = undefined;
  /** Added by readOperation; absent when the request could not be read. */
  operation: Operation | undefined = undefined;
  /** Added by readOperation: SHA-256 of the body's raw bytes, in hex. */
  bodySha256: string | undefined = undefined;
  /** Added by authorizeAdmin, in place of an operation on a bucket. */
  adminOperation: AdminOperationName | undefined = undefined;
  /** Added by the step that changes the policy table, before anything is recorded. */
  policyChange: RequestFacts['policyChange'] = undefined;
  /** Added by the steps that revoke and lift, before anything is recorded. */
  revocationChange: RequestFacts['revocationChange'] = undefined;
  /** Added by the step that prunes the journal, before anything is recorded. */
  auditPruning: RequestFacts['auditPruning'] = undefined;
  /** Added by the same steps when it is known what became of the change. */
  changeOutcome: ClosingFacts['outcome'] | undefined = undefined;
  /** Added by readOperation, of a change. */
  conditions: ChangeConditions | undefined = undefined;
  /** Added by authorize, whatever it decided. */
  decision: Decision | undefined = undefined;
  /** Added by authorize: the resource's six-segment name. */
  resource: string | undefined = undefined;
  /** Added by readSavings: the objects that are asked about. */
  objectKeys: readonly string[] | undefined = undefined;
  /** Added by authorizeObjects when it denies: `decision` and `resource` are about this one then. */
  deniedAction: string | undefined = undefined;
  /** Added by authorize; absent for a tenant without one. */
  subAccount: SubAccount | undefined = undefined;
  /** Added by translate. */
  upstreamRequest: UpstreamRequest | undefined = undefined;
  /** Added by sign. */
  signedRequest: SignedRequest | undefined = undefined;
  /** Added by readState, of a change: the answer to its question, when it asked. */
  stateAnswer: UpstreamAnswer | undefined = undefined;
  /** Added by readState, of a change: what the bucket is before it. */
  stateBefore: StateBefore | undefined = undefined;
  /** Added by readState: whether there is nothing to change. */
  isNoOp = false;
  /** Added by recordIntent, for mutations: where the intent stands. */
  intent: JournalPosition | undefined = undefined;
  /** Added by recordIntent: what the intent says of the request, for its closing. */
  recordedFacts: RequestFacts | undefined = undefined;
  /** Added by forward. */
  answer: UpstreamAnswer | undefined = undefined;
  /** Added by answerErrors. */
  error: GatewayError | undefined = undefined;

  constructor(
    opened: Pick<GatewayState, 'requestId' | 'receivedAt' | 'traceId' | 'peerAddress' | 'reply'>,
  ) {
    this.requestId = opened.requestId;
    this.receivedAt = opened.receivedAt;
    this.traceId = opened.traceId;
    this.peerAddress = opened.peerAddress;
    this.reply = opened.reply;
  }
}

export type GatewayContext = Context & { state: GatewayState };

/** What stands around the steps, as Koa has it: it sees the way out as well. */
export type GatewayLayer = Middleware<GatewayState>;

/**
 * One step of a request's way: it takes what earlier ones have added, and adds its own. The way
 * ends where the answer is given, or an error thrown.
 */
export type GatewayStep = (ctx: GatewayContext) => Promise<void> | undefined;

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
