import { WORLD } from './world.ts';

const BODY = JSON.stringify({ modes: ['Auto', 'API'], suffixes: ['jpg', 'png'] });

/** Who asks, and for what; the longer list is gone through once, the shorter one over and over. */
export interface Askers {
  readonly tokens: readonly string[];
  readonly buckets: readonly string[];
}

/** Changes as they stand on the wire. */
export function puts(askers: Askers, query = ''): readonly string[] {
  return wireTexts('PUT', { ...askers, query }, [
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(BODY)}`,
    '',
    BODY,
  ]);
}

/** Looks, as they stand on the wire. */
export function gets(askers: Askers): readonly string[] {
  return wireTexts('GET', { ...askers, query: '' }, ['', '']);
}

function wireTexts(
  method: string,
  { tokens, buckets, query }: Askers & { readonly query: string },
  rest: readonly string[],
): readonly string[] {
  return Array.from({ length: Math.max(tokens.length, buckets.length) }, (_, index) => {
    const bucket = buckets[index % buckets.length];
    return [
      `${method} /v1/regions/${WORLD.region}/buckets/${bucket}/image-slim${query} HTTP/1.1`,
      'host: slimgate.test',
      `authorization: Bearer ${tokens[index % tokens.length]}`,
      ...rest,
    ].join('\r\n');
  });
}
