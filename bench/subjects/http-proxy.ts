import http from 'node:http';
import httpProxy from 'http-proxy';
import { type RunningSubject, serveOnFreePort } from './subject.ts';

/**
 * http-proxy with connections kept open and no logic of its own, in its cheapest plain form: all
 * options stand in the constructor, so that the upstream's URL is parsed only once.
 */
export function startHttpProxy(upstreamPort: number): Promise<RunningSubject> {
  const proxy = httpProxy.createProxyServer({
    target: `http://127.0.0.1:${upstreamPort}`,
    agent: new http.Agent({ keepAlive: true }),
  });
  proxy.on('error', (_error, _request, response) => response.end());
  return serveOnFreePort(http.createServer((request, response) => proxy.web(request, response)));
}
