import { z } from 'zod';
import type { AssumeRoleSettings } from './credential-settings.ts';
import { CredentialProblem, type CredentialSource } from './credential-source.ts';
import type { Credentials } from './credentials.ts';
import { expiredTimeSchema, issuedCredentials, issuedKeySchema } from './issued-key.ts';
import type { CredentialKeeper } from './keep-credentials.ts';
import { sessionPolicy } from './session-policy.ts';
import { callSts, type StsEndpoint } from './sts-call.ts';

const answerSchema = z.object({ Credentials: issuedKeySchema, ExpiredTime: expiredTimeSchema });

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
      const { response } = await callSts(
        { action: 'AssumeRole', payload, schema: answerSchema },
        { endpoint, credentials: keysOf(caller), now: asked },
      );
      // By a clock that is slow the key would seem to last longer than it does.
      const endMs = Math.min(
        response.ExpiredTime * 1000,
        asked.getTime() + settings.durationSeconds * 1000,
      );
      const expiresAt = new Date(endMs);
      return issuedCredentials(response.Credentials, { expiresAt, now: now(), who: 'STS' });
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
