import type { Services } from '../src/services.ts';
import { slimDocument } from '../src/slim/json-to-xml.ts';
import { OPERATIONS } from '../src/slim/operation.ts';
import { type GatewayStep, stepResult } from './state.ts';

/** Operation -> upstream request, with the canonical document of its slim configuration. */
export function translate({ upstreamRequestFor }: Services): GatewayStep {
  return function translate({ state }) {
    const { name, target, configuration } = stepResult(state, 'operation');
    state.upstreamRequest = upstreamRequestFor(
      OPERATIONS[name].method,
      target.host,
      configuration && slimDocument(configuration),
    );
  };
}
