import { z } from 'zod';
import { GatewayError } from '../src/errors.ts';
import type { Services } from '../src/services.ts';
import { readBodyAs } from './read-body-as.ts';
import { answerJson } from './reply.ts';
import { type GatewayStep, stepResult } from './state.ts';

const MAX_BODY_BYTES = 1_024;

const order = z.strictObject({ requestId: z.string().min(1).max(128).optional() });

/** The changes of unknown outcome that no record of this gateway's journal resolves. */
export function listUnresolved({ unresolved }: Services): GatewayStep {
  return async function listUnresolved(ctx) {
    if (ctx.querystring !== '') {
      throw new GatewayError('query-invalid', 'this operation takes no query parameter');
    }
    answerJson(ctx, { unresolved: await unresolved() });
  };
}

/** Have the buckets of such changes asked again: the one that the body names, or all. */
export function orderResolution({ unresolved, resolver, limits }: Services): GatewayStep {
  return async function orderResolution(ctx) {
    const timeoutMs = limits.bodyTimeoutMs;
    const bounds = { maxBytes: MAX_BODY_BYTES, timeoutMs };
    const { requestId } = await readBodyAs(ctx, { schema: order, code: 'body-invalid', ...bounds });
    const { name } = stepResult(ctx.state, 'tenant');
    const wanted = (await unresolved()).filter(
      (outcome) => requestId === undefined || outcome.requestId === requestId,
    );
    for (const outcome of wanted) resolver.add(outcome, name);
    ctx.state.reply.status = 202;
    answerJson(ctx, { ordered: wanted });
  };
}
