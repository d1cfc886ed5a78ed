import { createHmac, hash } from 'node:crypto';
import type { Credentials } from './credentials.ts';

/** One call of an API 3.0 service, as its signature sees it. */
export interface Tc3Call {
  readonly service: string;
  /** Unix seconds. */
  readonly timestamp: number;
  /** Those that are signed, `content-type` and `host` among them; names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: string;
}

/**
 * The Authorization value of a call that is posted to `/`.
 * Source: API 3.0 documentation, "Signature v3", TC3-HMAC-SHA256, steps 1 to 4.
 */
export function tc3Authorization(
  call: Tc3Call,
  { secretId, secretKey }: Pick<Credentials, 'secretId' | 'secretKey'>,
): string {
  const { service, timestamp } = call;
  // The date is that of the timestamp in UTC, whatever the zone of the machine.
  const date = new Date(timestamp * 1000).toISOString().slice(0, 10);
  const scope = `${date}/${service}/tc3_request`;
  const { text, signedHeaders } = canonicalCall(call);
  const stringToSign = `TC3-HMAC-SHA256\n${timestamp}\n${scope}\n${hash('sha256', text)}`;
  // Raw bytes between the steps, unlike the sign key of object storage, which is hex text.
  const signingKey = [date, service, 'tc3_request'].reduce<string | Buffer>(
    (key, part) => createHmac('sha256', key).update(part).digest(),
    `TC3${secretKey.reveal()}`,
  );
  const signature = createHmac('sha256', signingKey).update(stringToSign).digest('hex');
  return `TC3-HMAC-SHA256 Credential=${secretId}/${scope}, SignedHeaders=${signedHeaders}, Signature=${signature}`;
}

/** Step 1: method, path, empty query, headers in order, their names, digest of the payload. */
export function canonicalCall({ headers, payload }: Tc3Call) {
  const sorted = Object.entries(headers).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const signedHeaders = sorted.map(([name]) => name).join(';');
  const lines = sorted.map(([name, value]) => `${name}:${canonicalValue(name, value)}\n`).join('');
  const text = `POST\n/\n\n${lines}\n${signedHeaders}\n${hash('sha256', payload)}`;
  return { text, signedHeaders };
}

function canonicalValue(name: string, value: string): string {
  return name === 'x-tc-action' ? value.trim().toLowerCase() : value.trim();
}
