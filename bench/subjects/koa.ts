import http from 'node:http';
import { text } from 'node:stream/consumers';
import Koa from 'koa';
import { type RunningSubject, serveOnFreePort } from './subject.ts';

/** A bare Koa application: it reads the body and answers. */
export function startKoa(): Promise<RunningSubject> {
  const app = new Koa();
  app.use(async (ctx) => {
    await text(ctx.req);
    ctx.body = { status: 'on' };
  });
  return serveOnFreePort(http.createServer(app.callback()));
}
