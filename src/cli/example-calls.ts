import { decide } from '../policy/decide.ts';
import { bucketResource } from '../policy/resource.ts';
import type { Effect } from '../policy/statement.ts';
import type { Services } from '../services.ts';
import { canonicalConfiguration } from '../slim/slim-configuration.ts';

/** A bucket of the local Cloud Infinite. */
export interface ExampleBucket {
  readonly name: string;
  readonly region: string;
  readonly bound: boolean;
}

/** A tenant and a bucket on which enabling is allowed, or denied. */
export interface ExampleCall {
  readonly tenant: string;
  readonly bucket: ExampleBucket;
}

/** The first call of that kind under the table in force; null when there is none. */
export function findExampleCall(
  effect: Effect,
  buckets: readonly ExampleBucket[],
  services: Services,
): ExampleCall | null {
  for (const tenant of services.policyTable.current().subAccountOf.keys()) {
    const bucket = buckets
      .filter(({ bound }) => bound)
      .find((candidate) => effectOf(tenant, candidate, services) === effect);
    if (bucket !== undefined) return { tenant, bucket };
  }
  return null;
}

function effectOf(tenant: string, { name, region }: ExampleBucket, services: Services): Effect {
  const table = services.policyTable.current();
  const account = services.subAccounts.find(table.subAccountOf.get(tenant) ?? '');
  const { appId } = services.endpoint.parseTarget(region, name);
  const resource = bucketResource(
    { region, bucket: name },
    { appId, ownerUin: account?.ownerUin ?? '' },
  );
  const subAccount = account && { name: account.name, account };
  const context = {
    sourceAddress: '127.0.0.1',
    receivedAt: services.now(),
    operation: 'enable',
    configuration: canonicalConfiguration(['Auto', 'API'], ['jpg', 'png']),
    claims: {},
  } as const;
  return decide({ tenant, action: 'ci:SetImageSlim', resource, subAccount, context }, table).effect;
}
