import { hash } from 'node:crypto';
import { GatewayError } from '../src/errors.ts';
import { requireObjectKeys } from '../src/savings/object-keys.ts';
import type { Services } from '../src/services.ts';
import { parseQuestion } from '../src/slim/parse-question.ts';
import { readJsonBody, refuseRepeatedHeaders } from './read-json-body.ts';
import type { GatewayStep } from './state.ts';

export const DECISIONS_PATH = '/v1/decisions';

/** As much as the heads of a request, in which the call itself names its objects. */
const MAX_BODY_BYTES = 16_384;

/** Bounded body -> the operation that is asked about: read as strictly as one that is meant. */
export function readQuestion({ endpoint, limits, savings }: Services): GatewayStep {
  return async function readQuestion(ctx) {
    refuseRepeatedHeaders(ctx.req);
    if (ctx.req.url !== DECISIONS_PATH) {
      throw new GatewayError('query-invalid', 'this path takes no query parameter');
    }
    const { bodyTimeoutMs: timeoutMs } = limits;
    const body = await readJsonBody(ctx, { maxBytes: MAX_BODY_BYTES, timeoutMs });
    ctx.state.bodySha256 = hash('sha256', body);
    const { operation: name, region, bucket, configuration, keys } = parseQuestion(body);
    const target = endpoint.parseTarget(region, bucket);
    if (keys !== null) {
      requireObjectKeys(keys, savings.keys);
      ctx.state.objectKeys = keys;
    }
    // Nothing will be sent, as in a dry run.
    ctx.state.operation = { name, target, configuration, isDryRun: true };
  };
}
