import { z } from 'zod';
import type { PruneMark } from '../src/audit/prune-mark.ts';
import { ConfigurationError, GatewayError } from '../src/errors.ts';
import { INSTANT_FORM, parseInstant } from '../src/policy/instant.ts';
import type { Services } from '../src/services.ts';
import { readBodyAs } from './read-body-as.ts';
import { answerJson } from './reply.ts';
import { requestFacts } from './request-facts.ts';
import type { GatewayContext, GatewayStep } from './state.ts';

const MAX_BODY_BYTES = 1_024;

const order = z.strictObject({
  before: z
    .string('must be a text')
    .refine((text) => parseInstant(text) !== null, INSTANT_FORM)
    .transform((text) => new Date(text)),
});

/** Take out the segments of the journal that are older than a moment; a signed mark stays. */
export function pruneAudit(services: Services): GatewayStep {
  const { limits, journal, now } = services;
  return async function pruneAudit(ctx) {
    const bounds = { maxBytes: MAX_BODY_BYTES, timeoutMs: limits.bodyTimeoutMs };
    const { before } = await readBodyAs(ctx, { schema: order, code: 'body-invalid', ...bounds });
    if (before > now()) throw inTheFuture();
    // INVARIANT: nothing is taken out before the intent to do so is durable; without it: 503.
    ctx.state.auditPruning = { before };
    ctx.state.intent = await journal.append({ kind: 'intent', request: requestFacts(ctx) });
    ctx.state.changeOutcome = 'unknown';
    const mark = await prunedOrLeft(ctx, journal.prune(before));
    ctx.state.changeOutcome = mark === null ? 'not_applied' : 'applied';
    answerJson(ctx, { pruned: mark });
  };
}

/** @throws GatewayError `audit-not-prunable` when nothing of it was touched */
async function prunedOrLeft(
  { state }: GatewayContext,
  pruning: Promise<PruneMark | null>,
): Promise<PruneMark | null> {
  try {
    return await pruning;
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    state.changeOutcome = 'not_applied';
    const detail = `nothing was taken out: ${error.problems.join('; ')}; verify it`;
    throw new GatewayError('audit-not-prunable', detail, { cause: error });
  }
}

function inTheFuture(): GatewayError {
  const errors = [{ pointer: '/before', detail: 'must not lie ahead' }];
  return new GatewayError('body-invalid', '/before must not lie ahead', { errors });
}
