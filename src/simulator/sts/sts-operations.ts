import type { KeyHolder, LocalCloud } from '../local-cloud.ts';
import { requestKeys } from '../request-keys.ts';
import {
  assumeRoleSchema,
  callerIdentitySchema,
  federationTokenSchema,
  readParameters,
  readRoleArn,
  readSessionPolicy,
} from './parameters.ts';
import { mayAssume, type OwnedRole } from './session.ts';
import { StsError } from './sts-errors.ts';
import { asSubAccount, expiryOf, type Grant, type TemporaryKeys } from './temporary-keys.ts';

/** One call of an action, by a caller who is known. */
export interface StsCall {
  readonly caller: KeyHolder;
  /** The body, as JSON. */
  readonly given: unknown;
  readonly cloud: LocalCloud;
  readonly temporaryKeys: TemporaryKeys;
  readonly now: Date;
}

/** Gives the members of `Response`. @throws StsError */
export type StsOperation = (call: StsCall) => Readonly<Record<string, unknown>>;

/** By `X-TC-Action`. */
export const STS_OPERATIONS: ReadonlyMap<string, StsOperation> = new Map<string, StsOperation>([
  ['AssumeRole', assumeRole],
  ['GetCallerIdentity', getCallerIdentity],
  ['GetFederationToken', getFederationToken],
]);

const DEFAULT_ROLE_SESSION_SECONDS = 7200;

function assumeRole({ given, caller, cloud, temporaryKeys, now }: StsCall) {
  const parameters = readParameters(assumeRoleSchema, given);
  const { Policy, RoleSessionName, SerialNumber, TokenCode } = parameters;
  if (SerialNumber !== undefined || TokenCode !== undefined) {
    throw new StsError('UnsupportedOperation', 'MFA is not offered here.');
  }
  const policy = Policy === undefined ? null : readSessionPolicy(Policy);
  const owned = findRole(parameters.RoleArn, cloud);
  const keys = requestKeys('sts:AssumeRole', { now, remoteAddress: '' });
  if (!mayAssume(caller, owned, keys)) throw new StsError('UnauthorizedOperation');
  const { account, role } = owned;
  const usual = Math.min(DEFAULT_ROLE_SESSION_SECONDS, role.maxSessionSeconds);
  const { DurationSeconds: seconds = usual } = parameters;
  if (seconds > role.maxSessionSeconds) throw new StsError('InvalidParameter.OverTimeError');
  const { uin: requesterUin } = caller.subAccount;
  const session = { kind: 'role', name: RoleSessionName, requesterUin, policy } as const;
  return issued({ account, subAccount: asSubAccount(role), session, seconds }, temporaryKeys);
}

function getFederationToken({ given, caller, temporaryKeys }: StsCall) {
  const { key, account, subAccount } = caller;
  const { Name, Policy, DurationSeconds } = readParameters(federationTokenSchema, given);
  if (key.token !== undefined) throw new StsError('InvalidParameter.AccessKeyNotSupport');
  const policy = readSessionPolicy(Policy);
  const { uin: requesterUin } = subAccount;
  const session = { kind: 'federation', name: Name, requesterUin, policy } as const;
  return issued({ account, subAccount, session, seconds: DurationSeconds }, temporaryKeys);
}

/** Source: STS documentation, "GetCallerIdentity", whose examples have ARNs of this form. */
function getCallerIdentity({ given, caller }: StsCall) {
  readParameters(callerIdentitySchema, given);
  const { account, subAccount, session } = caller;
  const { uin } = subAccount;
  const rows = {
    none: { Type: 'CAMUser', Arn: `qcs::cam:${account.uin}:uin/${uin}` },
    federation: { Type: 'CAMUser', Arn: `qcs::sts:${account.uin}:federated-user/${uin}` },
    role: { Type: 'CAMRole', Arn: `qcs::sts:${account.uin}:assumed-role/${uin}` },
  };
  return {
    ...rows[session?.kind ?? 'none'],
    AccountId: account.uin,
    UserId: session === undefined ? uin : `${uin}:${session.name}`,
    PrincipalId: session?.requesterUin ?? uin,
  };
}

function findRole(arn: string, { accounts }: LocalCloud): OwnedRole {
  const { ownerUin, by, text } = readRoleArn(arn);
  const account = accounts.find(({ uin }) => uin === ownerUin);
  const role = account?.roles.find((known) => known[by] === text);
  if (account === undefined || role === undefined) {
    throw new StsError('ResourceNotFound.RoleNotFound');
  }
  return { account, role };
}

function issued(grant: Grant, temporaryKeys: TemporaryKeys) {
  const key = temporaryKeys.issue(grant);
  return {
    Credentials: {
      Token: key.token.reveal(),
      TmpSecretId: key.secretId,
      TmpSecretKey: key.secretKey.reveal(),
    },
    ...expiryOf(key),
  };
}
