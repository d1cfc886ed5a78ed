import { onTestFinished } from 'vitest';
import type {
  AssumeRoleSettings,
  CredentialSettings,
} from '../../src/accounts/credential-settings.ts';
import type { FixedPlace } from '../../src/accounts/small-call.ts';
import { type CredentialStatus, createSubAccounts } from '../../src/accounts/sub-account.ts';
import { Secret } from '../../src/secret.ts';
import { type ClientKey, LOCAL_KEYS } from './local-cloud.ts';

/** Keys that stay. */
export function fixedKeys({ secretId, secretKey }: ClientKey) {
  const credentials = { secretId, secretKey: new Secret(secretKey), securityToken: null };
  const issued = { credentials, expiresAt: null, warning: null };
  return { from: 'environment', issued } as const;
}

/** The role of config/local-cloud.yaml, asked for as `media`. */
export const OPERATOR: AssumeRoleSettings = {
  from: 'sts',
  caller: fixedKeys(LOCAL_KEYS.media),
  roleArn: 'qcs::cam::uin/100000000001:roleName/slim-operator',
  sessionName: 'slimgate-media',
  durationSeconds: 7200,
  externalId: null,
  sessionPolicy: 'slim',
};

export interface KeptOptions {
  readonly connect: FixedPlace;
  readonly now?: () => Date;
  readonly timeoutMs?: number;
}

/** One sub-account, `media`, with keys from that source, once it has asked for them. */
export async function startKeeping(credentials: CredentialSettings, options: KeptOptions) {
  const { connect, now = () => new Date(), timeoutMs = 2_000 } = options;
  const changes: CredentialStatus[] = [];
  const { host, port } = connect;
  const sts = {
    ...{ host: 'sts.tencentcloudapi.com', region: 'ap-guangzhou', timeoutMs },
    connect: { host, port },
  };
  const subAccounts = createSubAccounts(
    [
      {
        name: 'media',
        uin: '100000000011',
        ownerUin: '100000000001',
        appId: '1250000000',
        credentials,
      },
    ],
    {
      now,
      sts,
      onChange: (status) => void changes.push(status),
    },
  );
  onTestFinished(() => subAccounts.close());
  await subAccounts.start();
  return {
    subAccounts,
    sts,
    changes,
    status: () => subAccounts.status()[0],
    keys() {
      const media = subAccounts.find('media');
      if (media === null) throw new Error('media is configured');
      return subAccounts.credentialsOf(media);
    },
  };
}
