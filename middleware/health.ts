import Router from '@koa/router';
import type { Services } from '../src/services.ts';

/** Whether the process lives, and whether it can take requests: asked without a token. */
export function healthRoutes(services: Services): Router {
  const { journal, indexer, policyTable, subAccounts, tokenVerifier, upstream, now } = services;
  const router = new Router({ sensitive: true, strict: true });
  router.get('/livez', (ctx) => {
    ctx.body = { status: 'alive' };
  });
  router.get('/readyz', (ctx) => {
    const { isWritable, problem } = journal.status();
    const table = policyTable.status();
    const issuers = tokenVerifier.status(now());
    const keys = subAccounts.status();
    // With keys of one issuer and one sub-account tenants can be served, whatever the others lack.
    const isReady =
      isWritable &&
      issuers.some(({ state }) => state !== 'unavailable') &&
      keys.some(({ isUsable }) => isUsable) &&
      !table.isStale;
    ctx.status = isReady ? 200 : 503;
    ctx.body = {
      status: isReady ? 'ready' : 'not ready',
      journal: { isWritable, problem },
      // For information: requests do not wait for the index.
      auditIndex: indexer.status(),
      issuers,
      subAccounts: keys.map(({ subAccount, isUsable, problem: keysProblem }) => ({
        name: subAccount,
        isUsable,
        problem: keysProblem,
      })),
      policyTable: table,
      // For information: without its upstream the gateway still answers, and refuses.
      upstream: upstream.status(),
    };
  });
  return router;
}
