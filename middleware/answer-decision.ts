import { explain } from '../src/policy/explain.ts';
import { publicExplanation } from '../src/policy/public-explanation.ts';
import type { Services } from '../src/services.ts';
import { closestTo } from './authorize.ts';
import {
  type Asked,
  decideObjects,
  decideOperation,
  keepDenial,
  type ObjectDecision,
} from './decide-operation.ts';
import { answerJson } from './reply.ts';
import { type GatewayState, type GatewayStep, stepResult } from './state.ts';

/** As many of the tenant’s statements are looked at for the one that came closest. */
const MAX_STATEMENTS = 1_000;

/** The decision about what the caller would do, with its reasons. Nothing is done. */
export function answerDecision(services: Services): GatewayStep {
  return function answerDecision(ctx) {
    const { state } = ctx;
    const operation = decideOperation(state, services);
    const objects = [...decideObjects(state, operation)];
    const asked = askedInTheEnd(state, operation, objects);
    const explanation = explain(asked.request, asked.table, MAX_STATEMENTS);
    const told = publicExplanation(explanation);
    answerJson(ctx, {
      action: asked.request.action,
      resource: stepResult(state, 'resource'),
      ...told,
      // Of an object no other key is tried out: then it is the one that the denial would name.
      nearestMiss: told.nearestMiss ?? closestTo(asked, explanation.decision),
      ...(state.objectKeys && {
        objects: objects.map(({ key, decision: { effect, reason, statements } }) => ({
          key,
          effect,
          reason,
          statements,
        })),
      }),
    });
  };
}

/** What the call would end in: the bucket’s denial, else that of the first object, else the allow. */
function askedInTheEnd(
  state: GatewayState,
  operation: Asked,
  objects: readonly ObjectDecision[],
): Asked {
  const denied = objects.find(({ decision }) => decision.effect === 'deny');
  if (denied === undefined || stepResult(state, 'decision').effect === 'deny') return operation;
  keepDenial(state, denied);
  return { ...operation, request: denied.request };
}
