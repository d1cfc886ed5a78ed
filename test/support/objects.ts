import COS from 'cos-nodejs-sdk-v5';
import type { Simulator } from '../../src/simulator/create-simulator.ts';
import { type ClientKey, LOCAL_KEYS, type PlainRequest } from './local-cloud.ts';
import { type Signing, signed } from './official-signature.ts';

/** Where the objects of the tests are. */
export const EXAMPLE = { Bucket: 'examplebucket-1250000000', Region: 'ap-shanghai' } as const;
export const COS_HOST = 'examplebucket-1250000000.cos.ap-shanghai.myqcloud.com';

/** The official SDK, pointed at a simulator by nothing but its own options. */
export function officialClient(
  simulator: Pick<Simulator, 'url'>,
  { secretId, secretKey }: ClientKey = LOCAL_KEYS.media,
  options: COS.COSOptions = {},
): COS {
  return new COS({
    SecretId: secretId,
    SecretKey: secretKey,
    Proxy: simulator.url,
    Protocol: 'http:',
    ...options,
  });
}

/** A request for an object, signed as the official SDK signs, to be written on the wire as it is. */
export function objectRequest(
  path: string,
  { body, ...signing }: Signing & { readonly body?: string } = {},
): PlainRequest {
  const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
  const headers = { Host: COS_HOST, ...length, ...signing.headers };
  const [rawPath = ''] = path.split('?');
  return {
    method: signing.method ?? 'GET',
    path,
    headers: signed({ pathname: decodeURIComponent(rawPath), params: {}, ...signing, headers }),
    ...(body === undefined ? {} : { body }),
  };
}
