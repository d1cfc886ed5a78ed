import type { IncomingMessage } from 'node:http';
import { ERROR_TABLE, GatewayError } from '../src/errors.ts';
import type { Services } from '../src/services.ts';
import { closeAfterBody } from './close-after-body.ts';
import { answerJson } from './reply.ts';
import type { GatewayContext, GatewayLayer, GatewayState } from './state.ts';

/** Turn whatever the steps throw into the one answer for it; nowhere else is an error answered. */
export function answerErrors({ log, limits }: Services): GatewayLayer {
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
    } finally {
      end(ctx.state);
    }
  };
}

/** Give back what the steps have taken. */
function end({ endings }: GatewayState): void {
  for (let index = endings.length - 1; index >= 0; index -= 1) endings[index]?.();
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
  const { reply } = ctx.state;
  ctx.state.error = error;
  reply.status = status;
  Object.assign(reply.headers, headers);
  // Of a success that could not be recorded.
  delete reply.headers.etag;
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
