import { GatewayError } from '../src/errors.ts';
import { parseObjectKeys } from '../src/savings/object-keys.ts';
import type { Services } from '../src/services.ts';
import { hasBody } from './read-body.ts';
import { refuseRepeatedHeaders } from './read-json-body.ts';
import { methodNotAllowed } from './read-operation.ts';
import type { GatewayStep } from './state.ts';

export const SAVINGS_PATH = '/v1/regions/:region/buckets/:bucket/image-slim/savings';

/** Path and query -> the objects of a bucket that are asked about. */
export function readSavings({ endpoint, savings }: Services): GatewayStep {
  return function readSavings(ctx) {
    // The router also brings HEAD where GET is registered.
    if (ctx.method !== 'GET') throw methodNotAllowed(['GET']);
    refuseRepeatedHeaders(ctx.req);
    if (hasBody(ctx.req)) {
      throw new GatewayError('body-unexpected', 'send this operation without a body');
    }
    const target = endpoint.parseTarget(String(ctx.params.region), String(ctx.params.bucket));
    const path = `/v1/regions/${target.region}/buckets/${target.bucket}/image-slim/savings`;
    if (ctx.req.url !== path && ctx.req.url !== `${path}?${ctx.querystring}`) {
      throw new GatewayError('request-target-invalid', 'write the path plainly, without encoding');
    }
    ctx.state.objectKeys = parseObjectKeys(ctx.querystring, savings.keys);
    ctx.state.operation = { name: 'savings', target, configuration: null, isDryRun: false };
  };
}
