import { z } from 'zod';
import { callSts, type StsCaller } from './sts-call.ts';

const answerSchema = z.object({
  AccountId: z.string().regex(/^[0-9]{1,20}$/),
  PrincipalId: z.string().regex(/^[\w:@.-]{1,256}$/),
});

/** Whose keys they are. */
export interface CallerIdentity {
  /** The main account's uin. */
  readonly ownerUin: string;
  /** Who the keys were given to; the main account itself has its own uin here. */
  readonly principal: string;
  /** By the clock of STS; null when it does not say. */
  readonly at: Date | null;
}

/**
 * Ask STS whose keys these are: a question that every key may ask, and that changes nothing.
 * Source: STS documentation, "GetCallerIdentity".
 * @throws CredentialProblem
 */
export async function askIdentity(caller: StsCaller): Promise<CallerIdentity> {
  const call = { action: 'GetCallerIdentity', payload: '{}', schema: answerSchema } as const;
  const { response, date } = await callSts(call, caller);
  const at = new Date(date ?? Number.NaN);
  return {
    ownerUin: response.AccountId,
    principal: response.PrincipalId,
    at: Number.isNaN(at.getTime()) ? null : at,
  };
}
