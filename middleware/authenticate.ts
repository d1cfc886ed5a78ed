import { bearerTokenOf } from '../src/identity/bearer-token.ts';
import type { Services } from '../src/services.ts';
import { fieldsOf } from './header-fields.ts';
import type { GatewayStep } from './state.ts';

/** Bearer token -> tenant. The token stands in `Authorization` and nowhere else. */
export function authenticate({ tokenVerifier }: Services): GatewayStep {
  return function authenticate({ req, state }) {
    const token = bearerTokenOf(fieldsOf(req, 'authorization'));
    const proven = tokenVerifier.verify(token, state.receivedAt);
    if (proven instanceof Promise) {
      return proven.then((tenant) => {
        state.tenant = tenant;
      });
    }
    state.tenant = proven;
    return undefined;
  };
}
