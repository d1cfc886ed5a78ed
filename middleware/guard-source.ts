import { sourceKey } from '../src/admission/source-address.ts';
import type { Services } from '../src/services.ts';
import { passGate } from './pass-gate.ts';
import type { GatewayLayer } from './state.ts';

/** Peer -> source address, and one of its places: before anything of the request is believed. */
export function guardSource(services: Services): GatewayLayer {
  const { sourceAddresses, sourceGate, sourceLimits } = services;
  return function guardSource({ state, req }, next) {
    // Node joins repeated fields with a comma, as they would be read together.
    const forwardedFor = req.headers['x-forwarded-for'];
    state.sourceAddress = sourceAddresses.addressOf(state.peerAddress, forwardedFor?.toString());
    const passage = sourceGate.enter(sourceKey(state.sourceAddress), sourceLimits);
    passGate(state, 'source', passage);
    return next();
  };
}
