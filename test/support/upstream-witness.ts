import { createHash, createHmac } from 'node:crypto';
import { SECRET_KEY } from './gateway.ts';

/** The bytes that set, read and remove a slim configuration, put together without the gateway. */

const DOCUMENTED_HOST = (bucket: string, region: string) => `${bucket}.pic.${region}.myqcloud.com`;

export interface ExpectedRequest {
  readonly method: 'PUT' | 'GET' | 'DELETE';
  readonly bucket: string;
  readonly region: string;
  readonly xml?: string;
  /** The moment of signing. */
  readonly at: Date;
}

/** The one text that reaches the upstream for a request. */
export function expectedText({ method, bucket, region, xml, at }: ExpectedRequest): string {
  const host = DOCUMENTED_HOST(bucket, region);
  const headers: [string, string][] =
    xml === undefined
      ? [['host', host]]
      : [
          ['host', host],
          ['content-type', 'application/xml'],
          ['content-length', String(Buffer.byteLength(xml))],
          ['content-md5', createHash('md5').update(xml).digest('base64')],
        ];
  const authorization = authorizationFor(method, headers, at);
  const [first, ...others] = headers;
  const lines = [
    `${method} /?image-slim HTTP/1.1`,
    ...[first ?? [], ['connection', 'keep-alive'], ...others, ['authorization', authorization]].map(
      ([name, value]) => `${name}: ${value}`,
    ),
  ];
  return `${lines.join('\r\n')}\r\n\r\n${xml ?? ''}`;
}

/** Source: COS documentation, "Request Signature": the window is ours, five whole minutes. */
function authorizationFor(method: string, headers: [string, string][], at: Date): string {
  const minute = Math.floor(at.getTime() / 60_000) * 60;
  const window = `${minute - 60};${minute + 240}`;
  const sorted = headers.toSorted(([a], [b]) => (a < b ? -1 : 1));
  const pairs = sorted.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
  const httpString = `${method.toLowerCase()}\n/\nimage-slim=\n${pairs}\n`;
  const stringToSign = `sha1\n${window}\n${createHash('sha1').update(httpString).digest('hex')}\n`;
  const signature = hmac(hmac(SECRET_KEY, window), stringToSign);
  const list = sorted.map(([name]) => name).join(';');
  return (
    `q-sign-algorithm=sha1&q-ak=AKIDmedia&q-sign-time=${window}&q-key-time=${window}` +
    `&q-header-list=${list}&q-url-param-list=image-slim&q-signature=${signature}`
  );
}

function hmac(key: string, text: string): string {
  return createHmac('sha1', key).update(text).digest('hex');
}
