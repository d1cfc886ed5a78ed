import type { LocalCloud } from '../local-cloud.ts';
import type { StsAnswer, StsParts } from '../sts/answer-sts.ts';
import { INSTANCE_SERVICE } from '../sts/role.ts';
import type { OwnedRole } from '../sts/session.ts';
import {
  asSubAccount,
  expiryOf,
  type TemporaryKey,
  type TemporaryKeys,
} from '../sts/temporary-keys.ts';

/** A request for instance metadata; host in lower case, without its port. */
export interface MetadataRequest {
  readonly method: string;
  readonly host: string;
  /** Without a query. */
  readonly path: string;
}

/** The instance metadata of the machine that the local cloud runs on. */
export interface Metadata {
  isMetadataRequest(request: Pick<MetadataRequest, 'host' | 'path'>): boolean;
  /** Answer one request, whatever it is; what it issues is kept before this returns. */
  answer(request: MetadataRequest): StsAnswer;
}

/** Source: CVM documentation, "Instance Metadata", and the SDKs that read it. */
const CREDENTIALS_PATH = '/latest/meta-data/cam/security-credentials';
const METADATA_HOST = /^metadata\.tencentyun\.com(?:\.localhost)?$/;
const LOOPBACK_HOST = /^(?:127\.0\.0\.1|\[::1\]|localhost)$/;

/** Ours: the platform's own number is not documented. */
const SESSION_SECONDS = 7200;

/** A stand-in for the part of the instance metadata that hands out a role's keys. */
export function createMetadata({ cloud, temporaryKeys, now }: StsParts): Metadata {
  const owned = instanceRole(cloud);
  const currentKey = owned && rotatingKey(owned, temporaryKeys);
  return {
    isMetadataRequest: ({ host, path }) =>
      METADATA_HOST.test(host) || (LOOPBACK_HOST.test(host) && path.startsWith(CREDENTIALS_PATH)),
    answer({ method, path }) {
      if (method !== 'GET') return refusal(405, 'MethodNotAllowed');
      if (owned === undefined || currentKey === undefined) return refusal(404, 'NotFound');
      const { name } = owned.role;
      if ([CREDENTIALS_PATH, `${CREDENTIALS_PATH}/`].includes(path)) {
        return success('text/plain', name, 'ListInstanceRoles');
      }
      if (path !== `${CREDENTIALS_PATH}/${name}`) return refusal(404, 'NotFound');
      try {
        const body = JSON.stringify(asDocument(currentKey(now())));
        return success('application/json', body, 'GetInstanceRoleKey');
      } catch {
        return refusal(500, 'InternalError');
      }
    },
  };
}

function instanceRole({ accounts }: LocalCloud): OwnedRole | undefined {
  const account = accounts.find(({ instance }) => instance !== undefined);
  const role = account?.roles.find(({ name }) => name === account.instance?.role);
  return account && role && { account, role };
}

/** A key is replaced at half its life: no client is handed one that it would find about to end. */
function rotatingKey({ account, role }: OwnedRole, temporaryKeys: TemporaryKeys) {
  const seconds = Math.min(SESSION_SECONDS, role.maxSessionSeconds);
  const session = {
    kind: 'role',
    name: INSTANCE_SERVICE,
    requesterUin: account.uin,
    policy: null,
  } as const;
  let current: TemporaryKey | undefined;
  return (now: Date): TemporaryKey => {
    const leftMs = (current?.expires.getTime() ?? 0) - now.getTime();
    if (current === undefined || leftMs <= seconds * 500) {
      current = temporaryKeys.issue({ account, subAccount: asSubAccount(role), session, seconds });
    }
    return current;
  };
}

function asDocument(key: TemporaryKey) {
  return {
    TmpSecretId: key.secretId,
    TmpSecretKey: key.secretKey.reveal(),
    ...expiryOf(key),
    Token: key.token.reveal(),
    Code: 'Success',
  };
}

function success(type: string, body: string, operation: string): StsAnswer {
  return {
    status: 200,
    headers: { 'Content-Type': type },
    body,
    verdict: { secretId: null, isSignatureAccepted: false, error: null, operation },
  };
}

function refusal(status: number, error: string): StsAnswer {
  return {
    status,
    headers: { 'Content-Type': 'text/plain' },
    body: `${status} ${error}\n`,
    verdict: { secretId: null, isSignatureAccepted: false, error, operation: null },
  };
}
