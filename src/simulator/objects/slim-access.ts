import { CloudError } from '../cloud-errors.ts';
import type { OriginalReason } from '../compression/slim-result.ts';
import type { OperationCall } from '../operation.ts';
import { paramOf } from '../read-request.ts';
import { hasAuto, type SlimSetting } from '../slim-setting.ts';
import type { ObjectLease } from './object-store.ts';

/** What is sent of an object: its content, or a smaller one that looks the same. */
export interface Representation {
  readonly path: string;
  readonly bytes: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** Source: Cloud Infinite documentation, using smart compression: `jpg` covers both spellings. */
const SUFFIX_OF_EXTENSION: ReadonlyMap<string, SlimSetting['suffixes'][number]> = new Map([
  ['jpg', 'jpg'],
  ['jpeg', 'jpg'],
  ['png', 'png'],
  ['gif', 'gif'],
]);

/**
 * `X-SlimFlag`: 0 failed, 1 compressed, 2 not compressed. Which reason is a failure is ours to say.
 * Source: COS documentation, using smart compression, response headers.
 */
const FLAG_OF_REASON: Readonly<Record<OriginalReason, '0' | '2'>> = {
  'not-smaller': '2',
  'not-an-image': '2',
  'format-not-covered': '2',
  'too-large': '0',
  corrupt: '0',
};

/**
 * Whether a download is to be compressed: it asks for it, or Auto covers its key's extension.
 * @throws CloudError `UpsAppNotExist` or `NoProcessAuthority` when it asks in vain
 */
export function isSlimWanted(call: OperationCall, key: string): boolean {
  if (paramOf(call.request, 'imageSlim') !== undefined) {
    demandApiMode(call);
    return true;
  }
  const setting = call.state.states.get(call.address);
  if (!call.bucket.bound || setting?.status !== 'on' || !hasAuto(setting.mode)) return false;
  const extension = /\.([^./]+)$/.exec(key)?.[1]?.toLowerCase() ?? '';
  const suffix = SUFFIX_OF_EXTENSION.get(extension);
  return suffix !== undefined && setting.suffixes.includes(suffix);
}

/**
 * Processing on demand, of downloads, uploads and stored objects, is what the mode API offers.
 * Source: COS documentation, using smart compression; the codes are our assumption.
 * @throws CloudError `UpsAppNotExist`, `NoProcessAuthority`
 */
export function demandApiMode({ state, address, bucket }: OperationCall): void {
  if (!bucket.bound) throw new CloudError('UpsAppNotExist');
  const setting = state.states.get(address);
  if (setting?.status !== 'on' || !setting.mode?.split(',').includes('API')) {
    throw new CloudError(
      'NoProcessAuthority',
      'Smart compression on request is not on: the mode API of image-slim switches it on.',
    );
  }
}

/** An object as it is stored. */
export function originalOf({ object, path }: ObjectLease): Representation {
  return { path, bytes: object.bytes, headers: {} };
}

/** An object as it is sent under smart compression. */
export async function slimmedOf(
  { state }: OperationCall,
  lease: ObjectLease,
): Promise<Representation> {
  const { path, object } = lease;
  const original = { path, contentSha256: object.sha256, bytes: object.bytes };
  const result = await state.compressor.compress(original);
  const headers = { Server: 'tencent-ci', 'X-OriSize': String(object.bytes) };
  if (result.kind === 'original') {
    const flag = FLAG_OF_REASON[result.reason];
    return { ...originalOf(lease), headers: { ...headers, 'X-SlimFlag': flag } };
  }
  return {
    path: result.path,
    bytes: result.bytes,
    headers: { ...headers, 'Content-Type': result.contentType, 'X-SlimFlag': '1' },
  };
}
