import type { GatewayLayer } from './state.ts';

/** A path with parameters, each a plain segment, like `/v1/regions/:region/buckets/:bucket`. */
function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replace(/:(\w+)/g, '(?<$1>[\\w-]+)')}$`);
}

/**
 * The same way as by the router, for the path that nearly all requests take, written plainly and
 * without a query: the router would try each of its paths, and join its steps anew each time. All
 * else, errors among it, goes on to the router.
 */
export function shortcut(
  path: string,
  methods: readonly string[],
  way: GatewayLayer,
): GatewayLayer {
  const pattern = patternOf(path);
  const known = new Set(methods);
  return function shortcut(ctx, next) {
    const { url = '', method = '' } = ctx.req;
    const params = known.has(method) ? pattern.exec(url)?.groups : undefined;
    if (params === undefined) return next();
    ctx.params = params;
    return way(ctx, next);
  };
}
