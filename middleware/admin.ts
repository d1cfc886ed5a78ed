import Router from '@koa/router';
import Koa from 'koa';
import type { Services } from '../src/services.ts';

/** The second listener: whether the process lives, and whether it can take requests. */
export function createAdmin(services: Services): Koa {
  const { journal, policyTable, tokenVerifier, upstream, now, log } = services;
  const router = new Router();
  router.get('/livez', (ctx) => {
    ctx.body = { status: 'alive' };
  });
  router.get('/readyz', (ctx) => {
    const { isWritable, problem } = journal.status();
    const issuers = tokenVerifier.status(now());
    // With keys of one issuer its tenants can be served, however it stands with the others.
    const isReady = isWritable && issuers.some(({ state }) => state !== 'unavailable');
    ctx.status = isReady ? 200 : 503;
    ctx.body = {
      status: isReady ? 'ready' : 'not ready',
      journal: { isWritable, problem },
      issuers,
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
