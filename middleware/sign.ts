import type { Services } from '../src/services.ts';
import { type GatewayStep, stepResult } from './state.ts';

/** Upstream request -> signed request, with the key of the tenant's own sub-account. */
export function sign({ subAccounts, signRequest, upstream }: Services): GatewayStep {
  return function sign({ state }, next) {
    const credentials = subAccounts.credentialsOf(stepResult(state, 'subAccount'));
    const request = stepResult(state, 'upstreamRequest');
    state.signedRequest = signRequest(request, credentials, upstream.timeFor(request.host));
    return next();
  };
}
