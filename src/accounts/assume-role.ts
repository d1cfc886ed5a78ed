import { z } from 'zod';
import type { AssumeRoleSettings } from './credential-settings.ts';
import { CredentialProblem, type CredentialSource } from './credential-source.ts';
import type { Credentials, IssuedCredentials } from './credentials.ts';
import { expiredTimeSchema, issuedCredentials, issuedKeySchema, readAnswer } from './issued-key.ts';
import type { CredentialKeeper } from './keep-credentials.ts';
import { sessionPolicy } from './session-policy.ts';
import { callSmall, type FixedPlace } from './small-call.ts';
import { tc3Authorization } from './tc3-signature.ts';

/** Where STS is, and what it is told about that. */
export interface StsEndpoint {
  readonly host: string;
  /** The service is one for all regions, and wants one named. */
  readonly region: string;
  readonly timeoutMs: number;
  readonly connect: FixedPlace | null;
}

const VERSION = '2018-08-13';
const CONTENT_TYPE = 'application/json; charset=utf-8';

/** Errors arrive with status 200. Source: API 3.0 documentation, "Responses". */
const answerSchema = z.object({
  Response: z.union([
    z.object({ Credentials: issuedKeySchema, ExpiredTime: expiredTimeSchema }),
    z.object({ Error: z.object({ Code: z.string() }) }),
  ]),
});

export interface AssumeRoleParts {
  readonly endpoint: StsEndpoint;
  readonly now: () => Date;
  /** Whose buckets the session is for. */
  readonly appId: string;
  /** Holds the keys of who asks; closed with the source. */
  readonly caller: CredentialKeeper;
}

/**
 * Temporary keys of a role, asked for with the caller's own.
 * Source: STS documentation, "AssumeRole".
 */
export function assumeRoleSource(
  settings: AssumeRoleSettings,
  { endpoint, now, appId, caller }: AssumeRoleParts,
): CredentialSource {
  const payload = payloadOf(settings, appId);
  let started: Promise<void> | undefined;
  return {
    name: settings.from,
    first: null,
    pollMs: null,
    async fetch() {
      started ??= caller.start();
      await started;
      const asked = now();
      const text = await callSmall(
        signedCall(payload, { endpoint, credentials: keysOf(caller), now: asked }),
        endpoint,
      );
      return read(text, { asked, now: now(), seconds: settings.durationSeconds });
    },
    close: () => caller.close(),
  };
}

function payloadOf(settings: AssumeRoleSettings, appId: string): string {
  const { roleArn, sessionName, durationSeconds, externalId } = settings;
  const policy = sessionPolicy(settings.sessionPolicy, appId);
  return JSON.stringify({
    RoleArn: roleArn,
    RoleSessionName: sessionName,
    DurationSeconds: durationSeconds,
    ...(policy !== null && { Policy: policy }),
    ...(externalId !== null && { ExternalId: externalId }),
  });
}

function keysOf(caller: CredentialKeeper): Credentials {
  try {
    return caller.current();
  } catch {
    const { source, problem } = caller.status();
    throw new CredentialProblem(`no keys to ask STS with (${source}): ${problem ?? 'they ended'}`);
  }
}

function signedCall(
  payload: string,
  {
    endpoint: { host, region },
    credentials,
    now,
  }: {
    readonly endpoint: StsEndpoint;
    readonly credentials: Credentials;
    readonly now: Date;
  },
) {
  const timestamp = Math.floor(now.getTime() / 1000);
  const signed = { 'content-type': CONTENT_TYPE, host, 'x-tc-action': 'AssumeRole' };
  const call = { service: 'sts', timestamp, headers: signed, payload };
  const { securityToken } = credentials;
  return {
    protocol: 'https:',
    host,
    method: 'POST',
    path: '/',
    headers: {
      ...signed,
      authorization: tc3Authorization(call, credentials),
      'x-tc-version': VERSION,
      'x-tc-timestamp': String(timestamp),
      'x-tc-region': region,
      ...(securityToken !== null && { 'x-tc-token': securityToken.reveal() }),
    },
    body: payload,
  } as const;
}

function read(
  text: string,
  { asked, now, seconds }: { readonly asked: Date; readonly now: Date; readonly seconds: number },
): IssuedCredentials {
  const { Response } = readAnswer('STS', text, answerSchema);
  if ('Error' in Response) throw new CredentialProblem(refusalText(Response.Error.Code));
  // By a clock that is slow the key would seem to last longer than it does.
  const endMs = Math.min(Response.ExpiredTime * 1000, asked.getTime() + seconds * 1000);
  return issuedCredentials(Response.Credentials, { expiresAt: new Date(endMs), now, who: 'STS' });
}

/** What to do about the refusals that an operator meets. Source: STS documentation, "Error Codes". */
const ADVICE: readonly (readonly [code: RegExp, advice: string])[] = [
  [/^AuthFailure\.SignatureExpire$/, 'correct this machine’s clock'],
  [/^AuthFailure\./, 'look at the keys of the caller'],
  [/^UnauthorizedOperation/, 'the role must trust the caller, and the caller may sts:AssumeRole'],
  [/RoleNotFound$/, 'look at roleArn'],
  [/OverTimeError$/, 'durationSeconds is more than the role allows'],
  [/^InvalidParameter/, 'look at roleArn, sessionName, externalId and durationSeconds'],
  [/^(?:InternalError|RequestLimitExceeded)/, 'it is tried again'],
];

function refusalText(code: string): string {
  const isCode = /^[A-Za-z]{1,64}(?:\.[A-Za-z]{1,64}){0,2}$/.test(code);
  const advice = ADVICE.find(([pattern]) => pattern.test(code))?.[1];
  return `STS refuses with ${isCode ? code : 'an unknown code'}${advice ? `: ${advice}` : ''}`;
}
