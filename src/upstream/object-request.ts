import { hash } from 'node:crypto';
import type { UpstreamRequest } from './upstream-request.ts';

export interface ObjectRequestFacts {
  readonly host: string;
  /** Without a slash in front, and without `.` or `..` among its parts. */
  readonly key: string;
  /** Whether compression is asked for, as the mode API offers it. */
  readonly isSlimmed: boolean;
}

/**
 * Build the request that downloads an object.
 * Source: Cloud Infinite documentation, using smart compression: `imageSlim`, in this spelling; COS
 * documentation, "Request Signature": the path is signed decoded.
 */
export function createObjectRequest({ host, key, isSlimmed }: ObjectRequestFacts): UpstreamRequest {
  const target = `/${encodedKey(key)}${isSlimmed ? '?imageSlim' : ''}`;
  return {
    method: 'GET',
    host,
    path: `/${key}`,
    parameters: isSlimmed ? { imageSlim: '' } : {},
    target,
    headers: { host },
    body: null,
    sha256: hash('sha256', `GET ${host}${target}\n`),
  };
}

/** A slash behind a slash is encoded: http-proxy makes one of two, and another key is another object. */
function encodedKey(key: string): string {
  return encodeURIComponent(key).replace(/%2F((?:%2F)*)/g, '/$1');
}
