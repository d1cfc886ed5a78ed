import { CloudError } from './cloud-errors.ts';
import type { Measure } from './measured-bytes.ts';
import { type CloudRequest, headerOf } from './read-request.ts';

/**
 * The MD5 that a request claims for its body, in hex; undefined when it claims none.
 * Source: RFC 1864.
 * @throws CloudError `InvalidDigest` when it is not base64 of 16 bytes
 */
export function claimedDigest(request: CloudRequest): string | undefined {
  const given = headerOf(request, 'content-md5');
  if (given === undefined) return undefined;
  const digest = Buffer.from(given, 'base64');
  if (digest.length !== 16 || digest.toString('base64') !== given) {
    throw new CloudError('InvalidDigest');
  }
  return digest.toString('hex');
}

/** @throws CloudError `BadDigest` when the body is not the one that was claimed */
export function verifyDigest(claimed: string | undefined, { md5 }: Pick<Measure, 'md5'>): void {
  if (claimed !== undefined && claimed !== md5) throw new CloudError('BadDigest');
}
