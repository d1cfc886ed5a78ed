import type { Services } from '../src/services.ts';
import { type GatewayStep, stepResult } from './state.ts';

/** Refusals that newer keys may mend. Source: COS documentation, "Error Codes". */
const KEY_REFUSALS: ReadonlySet<string | null> = new Set([
  'ExpiredToken',
  'InvalidAccessKeyId',
  'InvalidToken',
]);

/**
 * Upstream request -> signed request, with the key of the tenant's own sub-account. In the end a key
 * that the upstream has refused is renewed.
 */
export function sign({ subAccounts, signRequest, upstream }: Services): GatewayStep {
  return function sign({ state }) {
    const subAccount = stepResult(state, 'subAccount');
    const credentials = subAccounts.credentialsOf(subAccount);
    const request = stepResult(state, 'upstreamRequest');
    state.signedRequest = signRequest(request, credentials, upstream.timeFor(request.host));
    state.endings.push(() => {
      const { code = null } = state.answer ?? state.stateAnswer ?? {};
      if (KEY_REFUSALS.has(code)) subAccounts.refused(subAccount, credentials.secretId);
    });
  };
}
