import type { Pair } from '../canonical-form.ts';
import { StsError } from './sts-errors.ts';

/** A complete request to the local STS. */
export interface StsRequest {
  readonly method: string;
  /** In lower case, without its port. */
  readonly host: string;
  /** The request target in origin form, its query included. */
  readonly path: string;
  /** As received, repeats included; values are byte strings. */
  readonly headers: readonly Pair[];
  readonly body: Buffer;
}

const REGION = /[a-z]{2}-[a-z]+(?:-[a-z0-9]+)*/;
const HOST = new RegExp(
  `^sts\\.(?:localhost|(?:(?:intl|internal|${REGION.source})\\.)?tencentcloudapi\\.com(?:\\.localhost)?)$`,
);

/**
 * Whether a host is an endpoint of STS. As everywhere here, the top-level domain may be `localhost`.
 * Source: STS documentation, "Making API Requests", Service Address.
 * @param host in lower case, without its port
 */
export function isStsHost(host: string): boolean {
  return HOST.test(host);
}

/** Whether a text has the form of a region. */
export function isRegion(text: string): boolean {
  return new RegExp(`^${REGION.source}$`).test(text);
}

/**
 * The one value of a header.
 * @param name in lower case
 * @throws StsError `InvalidParameter` when it stands more than once
 */
export function headerOf({ headers }: StsRequest, name: string): string | undefined {
  const [first, second] = headers.filter(([given]) => given.toLowerCase() === name);
  if (second !== undefined) throw new StsError('InvalidParameter', 'A header is repeated.');
  return first?.[1];
}

/** @throws StsError `MissingParameter` when the header is missing or empty */
export function requiredHeaderOf(request: StsRequest, name: string): string {
  const value = headerOf(request, name) ?? '';
  if (value === '') throw new StsError('MissingParameter', `The header ${name} is missing.`);
  return value;
}
