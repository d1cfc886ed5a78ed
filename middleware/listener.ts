import type http from 'node:http';
import type Koa from 'koa';
import type { GatewayState } from './state.ts';

/** What Koa has and its types leave out. */
interface Composing {
  readonly compose: (layers: Koa['middleware']) => (ctx: Koa.Context) => Promise<void>;
}

/**
 * An app as a listener for requests. Koa's own does one thing more, which costs as much as five
 * steps: it watches each answer for an error of its connection, and of those the front door hears.
 */
export function listenerOf(app: Koa<GatewayState>): http.RequestListener {
  const layers = (app as unknown as Composing).compose(app.middleware);
  return function listen(request, response) {
    const ctx = app.createContext(request, response);
    layers(ctx).catch(ctx.onerror);
  };
}
