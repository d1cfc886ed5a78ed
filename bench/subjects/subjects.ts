import type { StartSubject } from './subject.ts';

export type SubjectName =
  | 'slimgate'
  | 'plain-gateway'
  | 'http-proxy'
  | 'fastify-http-proxy'
  | 'koa-http-proxy'
  | 'koa'
  | 'nginx'
  | 'upstream';

/** What a child can be told to start; it loads nothing of the others. */
export const SUBJECTS: Readonly<Record<SubjectName, () => Promise<StartSubject>>> = {
  slimgate: async () => (await import('./slimgate.ts')).startSlimgate,
  'plain-gateway': async () => (await import('./plain-gateway.ts')).startPlainGateway,
  'http-proxy': async () => (await import('./http-proxy.ts')).startHttpProxy,
  'fastify-http-proxy': async () => (await import('./fastify-http-proxy.ts')).startFastifyHttpProxy,
  'koa-http-proxy': async () => (await import('./koa-http-proxy.ts')).startKoaHttpProxy,
  koa: async () => (await import('./koa.ts')).startKoa,
  nginx: async () => (await import('./nginx.ts')).startNginx,
  upstream: async () => (await import('./upstream.ts')).startUpstream,
};
