import type { Call } from './calls.ts';
import type { Aspect } from './comparisons.ts';
import type { DecisionContext } from './context.ts';
import type { DecisionRequest } from './decide.ts';

/** A value of one aspect of a request, which can be put in the place of what it has. */
export type AspectValue =
  | { readonly aspect: 'call'; readonly call: Call }
  | { readonly aspect: 'address'; readonly address: string | null }
  | { readonly aspect: 'time'; readonly time: number }
  /** Undefined: the token does not have the claim. */
  | { readonly aspect: Exclude<Aspect, 'call' | 'address' | 'time'>; readonly claim: unknown };

/** The same request with another value in one aspect. */
export function withValue(request: DecisionRequest, value: AspectValue): DecisionRequest {
  if ('call' in value) {
    const { action, operation, configuration } = value.call;
    return { ...withContext(request, { operation, configuration }), action };
  }
  if ('address' in value) return withContext(request, { sourceAddress: value.address });
  if ('time' in value) return withContext(request, { receivedAt: new Date(value.time) });
  const name = value.aspect.slice('claim '.length);
  const { [name]: _, ...others } = request.context.claims;
  const claims = value.claim === undefined ? others : { ...others, [name]: value.claim };
  return withContext(request, { claims });
}

/** The same request for another bucket. */
export function withBucket(
  request: DecisionRequest,
  { region, bucket }: { readonly region: string; readonly bucket: string },
): DecisionRequest {
  return { ...request, resource: { ...request.resource, region, path: `bucket/${bucket}/` } };
}

/** The request with one value of each list, in every way that there is. */
export function* everyWay(
  request: DecisionRequest,
  [values, ...rest]: readonly (readonly AspectValue[])[],
): Generator<DecisionRequest, void, void> {
  if (values === undefined) yield request;
  else for (const value of values) yield* everyWay(withValue(request, value), rest);
}

function withContext(request: DecisionRequest, change: Partial<DecisionContext>): DecisionRequest {
  return { ...request, context: { ...request.context, ...change } };
}
