import type { IncomingMessage } from 'node:http';
import { ERROR_TABLE, GatewayError } from '../src/errors.ts';
import type { Services } from '../src/services.ts';
import { answerJson } from './answer-json.ts';
import { closeAfterBody } from './close-after-body.ts';
import type { GatewayContext, GatewayStep } from './state.ts';

/** Turn whatever the steps throw into the one answer for it; nowhere else is an error answered. */
export function answerErrors({ log, limits }: Services): GatewayStep {
  return async function answerErrors(ctx, next) {
    try {
      await next();
    } catch (thrown) {
      const error = gatewayErrorOf(thrown);
      if (error.code === 'internal-error') {
        log.error({ requestId: ctx.state.requestId, err: error.cause }, 'a step failed');
      }
      answerProblem(ctx, error);
      closeAfterBody(ctx, isWaitedFor(ctx.req, error) ? limits.bodyTimeoutMs : 0);
    }
  };
}

/** No more may come of a body that was given up, or that its caller holds back until asked. */
function isWaitedFor({ headers }: IncomingMessage, { code }: GatewayError): boolean {
  return code !== 'body-timeout' && headers.expect === undefined;
}

function gatewayErrorOf(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  const detail = 'report the requestId to the operator; the log has the cause';
  return new GatewayError('internal-error', detail, { cause: thrown });
}

/**
 * Answer an error as a problem document, naming each member that goes in.
 * Source: RFC 9457.
 */
export function answerProblem(ctx: GatewayContext, error: GatewayError): void {
  const { code, detail, status, errors, decision, upstream, headers } = error;
  ctx.state.error = error;
  ctx.status = status;
  ctx.set(headers);
  // Of a success that could not be recorded.
  ctx.remove('etag');
  const problem = {
    type: `urn:slimgate:problem:${code}`,
    title: ERROR_TABLE[code].title,
    status,
    detail,
    code,
    requestId: ctx.state.requestId,
    errors,
    decision,
    upstream,
  };
  answerJson(ctx, problem, 'application/problem+json');
}
