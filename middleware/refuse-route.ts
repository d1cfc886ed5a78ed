import type { RouterContext } from '@koa/router';
import { GatewayError } from '../src/errors.ts';
import { methodNotAllowed } from './read-operation.ts';
import { DECISIONS_PATH } from './read-question.ts';
import type { GatewayState, GatewayStep } from './state.ts';

/** What no route took: a known path with another method, or an unknown path. */
export function refuseRoute(): GatewayStep {
  return function refuseRoute(ctx) {
    const { matched } = ctx as unknown as RouterContext<GatewayState>; // The router ran before.
    if (matched !== undefined && matched.length > 0) {
      throw methodNotAllowed(matched.flatMap(({ methods }) => methods));
    }
    throw new GatewayError(
      'no-such-route',
      `use /v1/regions/{region}/buckets/{bucket}/image-slim, or ${DECISIONS_PATH}`,
    );
  };
}
