import type { Services } from '../src/services.ts';
import { slimDocument } from '../src/slim/json-to-xml.ts';
import { OPERATIONS } from '../src/slim/operation.ts';
import { createUpstreamRequest } from '../src/upstream/upstream-request.ts';
import { type GatewayStep, stepResult } from './state.ts';

/** Operation -> upstream request, with the canonical document of its slim configuration. */
export function translate({ endpoint }: Services): GatewayStep {
  return function translate({ state }, next) {
    const { name, target, configuration } = stepResult(state, 'operation');
    state.upstreamRequest = createUpstreamRequest(
      OPERATIONS[name].method,
      endpoint.hostOf(target),
      configuration && slimDocument(configuration),
    );
    return next();
  };
}
