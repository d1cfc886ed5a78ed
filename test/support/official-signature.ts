import COS from 'cos-nodejs-sdk-v5';
import { type ClientKey, EXAMPLE_HOST, LOCAL_KEYS } from './local-cloud.ts';

/** What the official SDK signs of a request, and when. */
export interface Signing {
  readonly key?: ClientKey;
  readonly method?: string;
  /** Decoded; `/` by default. */
  readonly pathname?: string;
  readonly params?: Readonly<Record<string, string>>;
  /** Host is the example bucket's when it isn't here. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Unix seconds; by default from a minute ago to five minutes ahead. */
  readonly keyTime?: { readonly start: number; readonly end: number };
}

/** The headers of a request with the Authorization that the official SDK gives it. */
export function signed(signing: Signing = {}): Record<string, string> {
  const { key = LOCAL_KEYS.media, method = 'GET', params = { 'image-slim': '' } } = signing;
  const now = Math.floor(Date.now() / 1000);
  const { start, end } = signing.keyTime ?? { start: now - 60, end: now + 300 };
  const headers = { Host: EXAMPLE_HOST, ...signing.headers };
  const authorization = COS.getAuthorization({
    SecretId: key.secretId,
    SecretKey: key.secretKey,
    Method: method as COS.Method, // Any method: the tests ask for those that are refused, too.
    Pathname: signing.pathname ?? '/',
    Query: { ...params },
    Headers: headers,
    KeyTime: `${start};${end}`,
  });
  return { ...headers, Authorization: authorization };
}
