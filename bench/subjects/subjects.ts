import type { StartSubject } from './subject.ts';

export type SubjectName = 'slimgate' | 'plain-gateway' | 'http-proxy' | 'koa' | 'upstream';

/** What a child can be told to start; it loads nothing of the others. */
export const SUBJECTS: Readonly<Record<SubjectName, () => Promise<StartSubject>>> = {
  slimgate: async () => (await import('./slimgate.ts')).startSlimgate,
  'plain-gateway': async () => (await import('./plain-gateway.ts')).startPlainGateway,
  'http-proxy': async () => (await import('./http-proxy.ts')).startHttpProxy,
  koa: async () => (await import('./koa.ts')).startKoa,
  upstream: async () => (await import('./upstream.ts')).startUpstream,
};
