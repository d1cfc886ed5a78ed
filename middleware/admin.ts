import Router from '@koa/router';
import Koa from 'koa';
import type { Services } from '../src/services.ts';

/** The second listener: whether the process lives, and whether it can take requests. */
export function createAdmin({ journal, policyTable, log }: Services): Koa {
  const router = new Router();
  router.get('/livez', (ctx) => {
    ctx.body = { status: 'alive' };
  });
  router.get('/readyz', (ctx) => {
    const { isWritable, problem } = journal.status();
    ctx.status = isWritable ? 200 : 503;
    ctx.body = {
      status: isWritable ? 'ready' : 'not ready',
      journal: { isWritable, problem },
      policyTable: { version: policyTable.current().version },
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
