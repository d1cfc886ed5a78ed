import { CloudError } from './cloud-errors.ts';

/** Bucket settings, jobs of Cloud Infinite, objects. */
export type HostKind = 'pic' | 'ci' | 'cos';

/** The bucket that a host name leads to, existing or not. */
export interface BucketAddress {
  readonly kind: HostKind;
  readonly name: string;
  readonly region: string;
  readonly appId: string;
}

/**
 * Read `<BucketName-APPID>.<kind>.<Region>.myqcloud.com`; in its place, or after it, the top-level
 * domain may be `localhost`, so that no name needs to be faked.
 * Source: Cloud Infinite documentation, smart compression, request host; COS documentation,
 * "Regions and Access Endpoints".
 * @param host in lower case, without its port
 * @throws CloudError `InvalidURI` for another kind of host, `RegionUnsupport` for acceleration
 */
export function readBucketAddress(host: string): BucketAddress {
  const parts = /^([^.]+)\.([^.]+)\.([^.]+)\.(?:localhost|myqcloud\.com(?:\.localhost)?)$/.exec(
    host,
  );
  const [, name = '', kind, region = ''] = parts ?? [];
  if (region === 'accelerate') throw new CloudError('RegionUnsupport');
  if (!isHostKind(kind)) {
    throw new CloudError('InvalidURI', 'The host is not <BucketName-APPID>.<pic|ci|cos>.<Region>.');
  }
  if (!isBucketName(name)) throw new CloudError('InvalidBucketName');
  return { kind, name, region, appId: appIdOf(name) };
}

function isHostKind(kind: string | undefined): kind is HostKind {
  return kind === 'pic' || kind === 'ci' || kind === 'cos';
}

/** Own part, hyphen, APPID; together one DNS label. Source: COS documentation, bucket naming. */
export function isBucketName(name: string): boolean {
  return name.length <= 63 && /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?-[1-9][0-9]{4,11}$/.test(name);
}

/** The digits at the end of a bucket's name. */
export function appIdOf(bucketName: string): string {
  return bucketName.slice(bucketName.lastIndexOf('-') + 1);
}
