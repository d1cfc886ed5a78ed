import { createHash, createHmac } from 'node:crypto';
import http from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import Router from '@koa/router';
import { XMLBuilder } from 'fast-xml-parser';
import httpProxy from 'http-proxy';
import jsonwebtoken from 'jsonwebtoken';
import Koa, { type Context } from 'koa';
import { WORLD } from '../world.ts';
import { type RunningSubject, serveOnFreePort } from './subject.ts';

/** Tenants and the patterns of what they may set. */
const TABLE: Readonly<Record<string, readonly string[]>> = {
  [WORLD.writer]: [`qcs::ci::uid/${WORLD.appId}:bucket/*`],
};
const KEY_TIME_SECONDS = 300;

/**
 * The gateway's job as one would first write it on the same libraries: everything is made anew for
 * each request, the caller's request is handed to http-proxy, nothing is recorded, nothing logged.
 */
export function startPlainGateway(upstreamPort: number): Promise<RunningSubject> {
  const proxy = httpProxy.createProxyServer({ agent: new http.Agent({ keepAlive: true }) });
  const router = new Router();
  router.put('/v1/regions/:region/buckets/:bucket/image-slim', async (ctx) => {
    const tenant = verifyTenant(ctx);
    requirePermission(tenant, `qcs::ci::uid/${WORLD.appId}:bucket/${ctx.params.bucket}/*`);
    const xml = translate(JSON.parse(await text(ctx.req)));
    const headers = signedHeaders(
      `${ctx.params.bucket}.pic.${ctx.params.region}.myqcloud.com`,
      xml,
    );
    ctx.respond = false; // http-proxy writes the answer.
    proxy.web(
      ctx.req,
      ctx.res,
      {
        target: `http://127.0.0.1:${upstreamPort}/?image-slim`,
        ignorePath: true,
        headers,
        buffer: Readable.from([xml]),
      },
      () => ctx.res.writeHead(502).end(),
    );
  });
  const app = new Koa();
  app.use(router.routes());
  return serveOnFreePort(http.createServer(app.callback()));
}

function verifyTenant(ctx: Context): string {
  const token = ctx.get('authorization').replace(/^Bearer /, '');
  const claims = jsonwebtoken.verify(token, WORLD.issuerSecret, {
    algorithms: ['HS256'],
    issuer: WORLD.issuer,
    audience: WORLD.audience,
  });
  return String(claims.sub);
}

function requirePermission(tenant: string, resource: string): void {
  const patterns = TABLE[tenant] ?? [];
  const isAllowed = patterns.some((pattern) =>
    pattern.endsWith('*') ? resource.startsWith(pattern.slice(0, -1)) : resource === pattern,
  );
  if (!isAllowed) throw Object.assign(new Error('denied'), { status: 403 });
}

function translate({ modes, suffixes }: { modes: string[]; suffixes?: string[] }): string {
  return new XMLBuilder({}).build({
    ImageSlim: {
      SlimMode: modes.join(','),
      ...(suffixes && { Suffixs: { Suffix: suffixes } }),
    },
  });
}

/** Source: COS documentation, "Request Signature". */
function signedHeaders(host: string, xml: string): Record<string, string> {
  const headers: Record<string, string> = {
    'content-length': String(Buffer.byteLength(xml)),
    'content-md5': createHash('md5').update(xml).digest('base64'),
    'content-type': 'application/xml',
    host,
  };
  const names = Object.keys(headers).sort();
  const pairs = names.map((name) => `${name}=${encodeURIComponent(headers[name] ?? '')}`);
  const start = Math.floor(Date.now() / 1000) - 60;
  const keyTime = `${start};${start + KEY_TIME_SECONDS}`;
  const httpString = `put\n/\nimage-slim=\n${pairs.join('&')}\n`;
  const digest = createHash('sha1').update(httpString).digest('hex');
  const signature = hmac(hmac(WORLD.secretKey, keyTime), `sha1\n${keyTime}\n${digest}\n`);
  const authorization =
    `q-sign-algorithm=sha1&q-ak=${WORLD.secretId}&q-sign-time=${keyTime}&q-key-time=${keyTime}` +
    `&q-header-list=${names.join(';')}&q-url-param-list=image-slim&q-signature=${signature}`;
  return { ...headers, authorization };
}

function hmac(key: string, message: string): string {
  return createHmac('sha1', key).update(message).digest('hex');
}
