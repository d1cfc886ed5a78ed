import { answerJson } from './reply.ts';
import { type GatewayStep, stepResult } from './state.ts';

/** A dry run ends here: the decision and the exact upstream request, its proofs masked. */
export function answerDryRun(): GatewayStep {
  return function answerDryRun(ctx) {
    if (!stepResult(ctx.state, 'operation').isDryRun) return;
    const { request, headers, maskedAuthorization } = stepResult(ctx.state, 'signedRequest');
    answerJson(ctx, {
      dryRun: true,
      decision: stepResult(ctx.state, 'decision'),
      upstreamRequest: {
        method: request.method,
        url: `https://${request.host}${request.target}`,
        // A secret among the headers serialises to its mask.
        headers: { ...headers, authorization: maskedAuthorization },
        body: request.body?.toString('utf8') ?? null,
      },
    });
  };
}
