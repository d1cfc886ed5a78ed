import { bearerTokenOf } from '../src/identity/bearer-token.ts';
import type { Tenant } from '../src/identity/tenant.ts';
import type { Services } from '../src/services.ts';
import { type GatewayStep, stepResult } from './state.ts';

/** Bearer token -> tenant. The token stands in `Authorization` and nowhere else. */
export function authenticate({ tokenVerifier }: Services): GatewayStep {
  return function authenticate({ req, state }, next) {
    const token = bearerTokenOf(req.headersDistinct.authorization ?? []);
    const enter = (tenant: Tenant) => {
      state.tenant = tenant;
      return next();
    };
    const proven = tokenVerifier.verify(token, stepResult(state, 'receivedAt'));
    return proven instanceof Promise ? proven.then(enter) : enter(proven);
  };
}
