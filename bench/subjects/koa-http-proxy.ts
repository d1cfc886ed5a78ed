import http from 'node:http';
import Router from '@koa/router';
import httpProxy from 'http-proxy';
import Koa from 'koa';
import { type RunningSubject, serveOnFreePort } from './subject.ts';

/** Koa, a router and http-proxy, and no logic of its own. */
export function startKoaHttpProxy(upstreamPort: number): Promise<RunningSubject> {
  const proxy = httpProxy.createProxyServer({
    target: `http://127.0.0.1:${upstreamPort}`,
    agent: new http.Agent({ keepAlive: true }),
  });
  const router = new Router();
  router.put('/v1/regions/:region/buckets/:bucket/image-slim', (ctx) => {
    ctx.respond = false; // http-proxy writes the answer.
    proxy.web(ctx.req, ctx.res, {}, () => ctx.res.writeHead(502).end());
  });
  const app = new Koa();
  app.use(router.routes());
  return serveOnFreePort(http.createServer(app.callback()));
}
