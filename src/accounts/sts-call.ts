import { z } from 'zod';
import { CredentialProblem } from './credential-source.ts';
import type { Credentials } from './credentials.ts';
import { readAnswer, readValue } from './issued-key.ts';
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

/** One call of an action, and what its answer is to look like. */
export interface StsCall<Schema extends z.ZodType> {
  readonly action: 'AssumeRole' | 'GetCallerIdentity';
  /** JSON. */
  readonly payload: string;
  readonly schema: Schema;
}

/** Who calls, where, and when. */
export interface StsCaller {
  readonly endpoint: StsEndpoint;
  readonly credentials: Credentials;
  readonly now: Date;
}

const VERSION = '2018-08-13';
const CONTENT_TYPE = 'application/json; charset=utf-8';

/** Errors arrive with status 200. Source: API 3.0 documentation, "Responses". */
const envelopeSchema = z.object({
  Response: z.looseObject({ Error: z.object({ Code: z.string() }).optional() }),
});

/**
 * Call STS; `date` is its answer's header of that name.
 * Source: API 3.0 documentation, "Signature v3".
 * @throws CredentialProblem
 */
export async function callSts<Schema extends z.ZodType>(
  call: StsCall<Schema>,
  caller: StsCaller,
): Promise<{ response: z.output<Schema>; date: string | undefined }> {
  const { body, date } = await callSmall(signedCall(call, caller), caller.endpoint);
  const { Response } = readAnswer('STS', body, envelopeSchema);
  if (Response.Error !== undefined) throw new CredentialProblem(refusalText(Response.Error.Code));
  return { response: readValue('STS', Response, call.schema), date };
}

function signedCall(
  { action, payload }: Pick<StsCall<z.ZodType>, 'action' | 'payload'>,
  { endpoint: { host, region }, credentials, now }: StsCaller,
) {
  const timestamp = Math.floor(now.getTime() / 1000);
  const signed = { 'content-type': CONTENT_TYPE, host, 'x-tc-action': action };
  const authorization = tc3Authorization(
    { service: 'sts', timestamp, headers: signed, payload },
    credentials,
  );
  const { securityToken } = credentials;
  return {
    protocol: 'https:',
    host,
    method: 'POST',
    path: '/',
    headers: {
      ...signed,
      authorization,
      'x-tc-version': VERSION,
      'x-tc-timestamp': String(timestamp),
      'x-tc-region': region,
      ...(securityToken !== null && { 'x-tc-token': securityToken.reveal() }),
    },
    body: payload,
  } as const;
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
