import { GatewayError } from '../errors.ts';
import type { BucketTarget } from '../slim/operation.ts';
import { KNOWN_REGIONS, REGION_PATTERN } from './regions.ts';

/** Own part, hyphen, APPID. Source: COS documentation, bucket naming; APPID bounds are ours. */
const BUCKET_PATTERN = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?-([1-9][0-9]{4,11})$/;
const MAX_DNS_LABEL = 63;
const MAX_DNS_NAME = 253;

export interface EndpointSettings {
  /** Where objects are, for example `{bucket}.cos.{region}.myqcloud.com`. */
  readonly objectHostTemplate: string;
  /** For example `{bucket}.pic.{region}.myqcloud.com`. */
  readonly hostTemplate: string;
  /** Region codes beyond the known ones. */
  readonly additionalRegions: readonly string[];
}

/** Targets that are remembered: some hundred buckets come again and again. */
const MAX_REMEMBERED = 4096;

/** What may be addressed, and where it is: nothing but a parsed target leads to a host. */
export interface Endpoint {
  /**
   * Equal targets are one object, as long as they are remembered.
   * @throws GatewayError `bad-target`
   */
  parseTarget(region: string, bucket: string): BucketTarget;
}

/** Read targets and name hosts by configuration's template alone. */
export function createEndpoint(settings: EndpointSettings): Endpoint {
  const { hostTemplate, objectHostTemplate, additionalRegions } = settings;
  const regions = new Set<string>([...KNOWN_REGIONS, ...additionalRegions]);

  const remembered = new Map<string, BucketTarget>();

  function parse(region: string, bucket: string): BucketTarget {
    if (!REGION_PATTERN.test(region) || !regions.has(region)) {
      throw new GatewayError('bad-target', 'the region is not a known region code');
    }
    const appId = BUCKET_PATTERN.exec(bucket)?.[1];
    if (appId === undefined || bucket.length > MAX_DNS_LABEL) {
      throw new GatewayError(
        'bad-target',
        'the bucket must be its full name with the APPID, like `examplebucket-1250000000`',
      );
    }
    const hostFrom = (template: string) =>
      template.replace('{bucket}', bucket).replace('{region}', region);
    const [host, objectHost] = [hostFrom(hostTemplate), hostFrom(objectHostTemplate)];
    if (Math.max(host.length, objectHost.length) > MAX_DNS_NAME) {
      throw new GatewayError('bad-target', 'region and bucket together are too long for a host');
    }
    return Object.freeze({ region, bucket, appId, host, objectHost });
  }

  return {
    parseTarget(region, bucket) {
      const key = `${region}/${bucket}`;
      const known = remembered.get(key);
      if (known !== undefined) return known;
      const target = parse(region, bucket);
      if (remembered.size >= MAX_REMEMBERED) remembered.clear();
      remembered.set(key, target);
      return target;
    },
  };
}
