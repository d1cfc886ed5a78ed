import { randomUUID } from 'node:crypto';
import { parseStrictJson, StrictJsonError } from '../../strict-json.ts';
import type { KeyRing, LocalCloud } from '../local-cloud.ts';
import { StsError } from './sts-errors.ts';
import { STS_OPERATIONS } from './sts-operations.ts';
import { headerOf, isRegion, isStsHost, requiredHeaderOf, type StsRequest } from './sts-request.ts';
import { keyRing, type TemporaryKeys } from './temporary-keys.ts';
import { readTc3Authorization, verifyTc3 } from './verify-tc3.ts';

export interface StsParts {
  readonly cloud: LocalCloud;
  readonly temporaryKeys: TemporaryKeys;
  readonly now: () => Date;
}

/** What became of one request, for the witness. */
export interface StsVerdict {
  /** The access key that the request names, proven or not; null when it names none. */
  readonly secretId: string | null;
  readonly isSignatureAccepted: boolean;
  /** The error code of the answer; null for a success. */
  readonly error: string | null;
  /** The action, like `AssumeRole`; null when the request was refused before that was clear. */
  readonly operation: string | null;
}

export interface StsAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly verdict: StsVerdict;
}

/** The local STS. */
export interface Sts {
  /** @param host in lower case, without its port */
  isStsHost(host: string): boolean;
  /** Answer one request, whatever it is; what it issues is kept before this returns. */
  answer(request: StsRequest): StsAnswer;
}

/** A verdict that is still being found out. */
type Draft = { -readonly [Fact in keyof StsVerdict]: StsVerdict[Fact] };

const VERSION = '2018-08-13';
const JSON_TYPE = /^application\/json(?:; ?charset=utf-8)?$/i;

/** A stand-in for STS, API version 2018-08-13, written from the documentation alone. */
export function createSts(parts: StsParts): Sts {
  const keys = keyRing(parts.cloud, parts.temporaryKeys);
  return {
    isStsHost,
    answer(request) {
      const draft: Draft = {
        secretId: null,
        isSignatureAccepted: false,
        error: null,
        operation: null,
      };
      const members = respond(request, { ...parts, keys, draft });
      // 200 in success and in failure. Source: API 3.0 documentation, "Responses".
      return {
        status: 200,
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ Response: { ...members, RequestId: randomUUID() } }),
        verdict: draft,
      };
    },
  };
}

type Surroundings = StsParts & { readonly keys: KeyRing; readonly draft: Draft };

function respond(request: StsRequest, surroundings: Surroundings) {
  try {
    return decide(request, surroundings);
  } catch (error) {
    const { code, message } = error instanceof StsError ? error : new StsError('InternalError');
    surroundings.draft.error = code;
    return { Error: { Code: code, Message: message } };
  }
}

/** The frame, then who, then what: parameters are read only of a caller who is known. */
function decide(request: StsRequest, { cloud, temporaryKeys, keys, draft, now }: Surroundings) {
  demandFrame(request);
  const claim = readTc3Authorization(request);
  draft.secretId = claim.secretId;
  const caller = verifyTc3(request, claim, { keys, now: now() });
  draft.isSignatureAccepted = true;
  const action = requiredHeaderOf(request, 'x-tc-action');
  const operation = STS_OPERATIONS.get(action);
  if (operation === undefined) throw new StsError('InvalidAction');
  draft.operation = action;
  if (requiredHeaderOf(request, 'x-tc-version') !== VERSION) throw new StsError('NoSuchVersion');
  if (!isRegion(requiredHeaderOf(request, 'x-tc-region'))) throw new StsError('UnsupportedRegion');
  const given = parseBody(request.body);
  return operation({ caller, given, cloud, temporaryKeys, now: now() });
}

function demandFrame(request: StsRequest): void {
  const isPost =
    request.method === 'POST' && JSON_TYPE.test(headerOf(request, 'content-type') ?? '');
  if (!isPost) throw new StsError('UnsupportedProtocol');
  if (request.path !== '/') throw new StsError('InvalidParameter', 'The request target is not /.');
}

function parseBody(body: Buffer): unknown {
  try {
    return parseStrictJson(body);
  } catch (error) {
    if (!(error instanceof StrictJsonError)) throw error;
    throw new StsError('InvalidParameter', `The body is refused: ${error.message}.`);
  }
}
