import type { StsEndpoint } from './accounts/sts-call.ts';
import {
  type CredentialStatus,
  createSubAccounts,
  type SubAccountOptions,
  type SubAccounts,
} from './accounts/sub-account.ts';
import type { Configuration } from './config/load.ts';
import type { Settings } from './config/schema.ts';
import type { UpstreamPlace } from './open-upstream.ts';
import type { Logger } from './operators-log.ts';

/** STS and the machine's metadata are where the upstream is, when that is one fixed place. */
export function stsEndpoint(
  { sts }: Settings,
  connect: UpstreamPlace['connect'] | undefined,
): StsEndpoint {
  const { hostTemplate, region, timeoutMs } = sts;
  const place = connect ? { host: connect.host, port: connect.port } : null;
  return { host: hostTemplate.replace('{region}', region), region, timeoutMs, connect: place };
}

/** The sub-accounts with their keys, as far as these can be had. */
export async function openSubAccounts(
  { settings, subAccounts: configured }: Configuration,
  {
    now,
    onChange,
    connect = settings.upstream.connect,
  }: Pick<SubAccountOptions, 'now' | 'onChange'> & {
    readonly connect: UpstreamPlace['connect'] | undefined;
  },
): Promise<SubAccounts> {
  const sts = stsEndpoint(settings, connect);
  const subAccounts = createSubAccounts(configured, { now, sts, ...(onChange && { onChange }) });
  await subAccounts.start();
  return subAccounts;
}

/**
 * Tell operators of the keys of a sub-account. The id of a key is no secret: it stands in every signed request,
 * and in the journal.
 */
export function logKeys(log: Logger, { isUsable, ...status }: CredentialStatus): void {
  if (!isUsable) log.error(status, 'a sub-account has no usable keys');
  else if (status.problem) log.warn(status, 'no newer keys could be had: the last good ones stay');
  else if (status.warning) log.warn(status, 'keys in use, with a warning');
  else log.info(status, 'keys in use');
}
