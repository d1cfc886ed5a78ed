import Router from '@koa/router';
import Koa from 'koa';
import type { Services } from '../src/services.ts';

/** The second listener: whether the process lives, and whether it can take requests. */
export function createAdmin(services: Services): Koa {
  const { journal, indexer, policyTable, subAccounts, tokenVerifier, upstream, now, log } =
    services;
  const router = new Router();
  router.get('/livez', (ctx) => {
    ctx.body = { status: 'alive' };
  });
  router.get('/readyz', (ctx) => {
    const { isWritable, problem } = journal.status();
    const issuers = tokenVerifier.status(now());
    const keys = subAccounts.status();
    // With keys of one issuer and one sub-account tenants can be served, whatever the others lack.
    const isReady =
      isWritable &&
      issuers.some(({ state }) => state !== 'unavailable') &&
      keys.some(({ isUsable }) => isUsable);
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
      policyTable: { version: policyTable.current().version },
      // For information: without its upstream the gateway still answers, and refuses.
      upstream: upstream.status(),
    };
  });

  const admin = new Koa();
  admin.on('error', (error: Error) => log.warn({ err: error }, 'an admin request broke off'));
  admin.use(router.routes());
  admin.use((ctx) => {
    ctx.status = 404;
    ctx.body = { status: 'use /livez or /readyz' };
  });
  return admin;
}
