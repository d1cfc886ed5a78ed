import { GatewayError } from '../src/errors.ts';
import type { Services } from '../src/services.ts';
import { answerProblem } from './answer-errors.ts';
import { noteSampled } from './note-sampled.ts';
import { addMember } from './reply.ts';
import { closingFacts, requestFacts, unknownOutcome } from './request-facts.ts';
import type { GatewayContext, GatewayLayer } from './state.ts';

/**
 * On the way back: one closing record of every request, denials included. A mutation is answered
 * when its closing is durable, so that no acknowledged outcome can be lost, and with a receipt of
 * where it stands.
 */
export function recordOutcome(services: Services): GatewayLayer {
  return async function recordOutcome(ctx, next) {
    await next();
    if (ctx.state.intent !== undefined) await closeIntent(ctx, services);
    else if (ctx.state.tenant !== undefined) noteOfTenant(ctx, ctx.state.tenant.name, services);
    else noteStranger(ctx, services);
    logLine(ctx, services);
  };
}

async function closeIntent(ctx: GatewayContext, services: Services): Promise<void> {
  const { journal, resolver } = services;
  try {
    const position = await journal.append(closingRecord(ctx, services));
    const receipt = await journal.receipt(position, ctx.state.requestId);
    ctx.state.reply.headers['slimgate-receipt'] = receipt;
    addMember(ctx, 'receipt', receipt);
    if (ctx.state.answer?.outcome === 'unknown') resolver.add(unknownOutcome(ctx));
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    answerProblem(
      ctx,
      new GatewayError(
        error.code,
        `${whatWasDone(ctx)}, but its outcome could not be recorded; read the state`,
        { headers: error.headers, cause: error },
      ),
    );
  }
}

function whatWasDone({ state }: GatewayContext): string {
  if (state.policyChange !== undefined) return 'the policy table may be changed';
  if (state.revocationChange !== undefined) return 'what is revoked may be changed';
  if (state.auditPruning !== undefined) return 'segments of the journal may be gone';
  return 'the request went upstream';
}

/** A flood that its tenant's limits refuse must not become one of records: it is counted. */
function noteOfTenant(ctx: GatewayContext, tenant: string, services: Services): void {
  const { journal, limitedRequests } = services;
  if (ctx.state.error?.code === 'rate-limited') limitedRequests.add(tenant);
  else journal.note(closingRecord(ctx, services));
}

/** Who is not authenticated must not be able to fill the disk: sampled, and the rest counted. */
function noteStranger(ctx: GatewayContext, services: Services): void {
  noteSampled(services, () => closingRecord(ctx, services));
}

function closingRecord(ctx: GatewayContext, { now }: Services) {
  return {
    kind: 'closing',
    // The closing repeats what its intent said: nothing of it can have changed.
    request: ctx.state.recordedFacts ?? requestFacts(ctx),
    closing: closingFacts(ctx, now()),
  } as const;
}

function logLine(ctx: GatewayContext, { log, now }: Services): void {
  const { requestId, traceId, tenant, operation, adminOperation, error, receivedAt } = ctx.state;
  const at = now();
  log.request(at, {
    requestId,
    traceId,
    tenant: tenant?.name,
    operation: operation?.name ?? adminOperation,
    region: operation?.target.region,
    bucket: operation?.target.bucket,
    status: ctx.state.reply.status,
    code: error?.code,
    cause: codeOf(error?.cause),
    durationMs: at.getTime() - receivedAt.getTime(),
  });
}

/** The name of a fault for operators, like `ECONNREFUSED`; its text may say too much. */
function codeOf(cause: unknown): string | undefined {
  const code = (cause as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}
