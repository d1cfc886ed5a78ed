import { createHash, createHmac } from 'node:crypto';

/** What a client signs; every header given is covered. */
export interface Tc3Signing {
  readonly secretId: string;
  readonly secretKey: string;
  readonly service?: string;
  /** Unix seconds. */
  readonly timestamp: number;
  /** UTC; by default that of the timestamp. */
  readonly date?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: string;
}

/**
 * A signer of its own, written straight down from the documentation's example, so that the local
 * STS is judged by something that it doesn't share a line with.
 */
export function signTc3(signing: Tc3Signing) {
  const { secretId, secretKey, service = 'sts', timestamp, headers, payload } = signing;
  const { date = new Date(timestamp * 1000).toISOString().substring(0, 10) } = signing;
  const hash = (text: string) => createHash('sha256').update(text, 'utf8').digest('hex');
  const lower = new Map(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const sorted = [...lower.keys()].sort();
  let canonicalRequest = 'POST\n/\n\n';
  for (const name of sorted) {
    const value = (lower.get(name) ?? '').trim();
    canonicalRequest += `${name}:${name === 'x-tc-action' ? value.toLowerCase() : value}\n`;
  }
  canonicalRequest += `\n${sorted.join(';')}\n${hash(payload)}`;
  const scope = `${date}/${service}/tc3_request`;
  const stringToSign = `TC3-HMAC-SHA256\n${timestamp}\n${scope}\n${hash(canonicalRequest)}`;
  const dateKey = createHmac('sha256', `TC3${secretKey}`).update(date).digest();
  const serviceKey = createHmac('sha256', dateKey).update(service).digest();
  const signingKey = createHmac('sha256', serviceKey).update('tc3_request').digest();
  const signature = createHmac('sha256', signingKey).update(stringToSign).digest('hex');
  return {
    canonicalRequest,
    stringToSign,
    dateKey,
    serviceKey,
    signingKey,
    signature,
    signedHeaders: sorted.join(';'),
    authorization: `TC3-HMAC-SHA256 Credential=${secretId}/${scope}, SignedHeaders=${sorted.join(';')}, Signature=${signature}`,
  };
}
