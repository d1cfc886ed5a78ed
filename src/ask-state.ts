import type { SubAccounts } from './accounts/sub-account.ts';
import type { UnknownOutcome } from './audit/resolution.ts';
import type { Asked } from './audit/resolver.ts';
import { GatewayError } from './errors.ts';
import type { Signer } from './signing/sign-request.ts';
import { slimStateOf } from './slim/xml-to-json.ts';
import { StrictXmlError } from './strict-xml.ts';
import type { Endpoint } from './upstream/endpoint.ts';
import type { Upstream } from './upstream/upstream.ts';
import { createUpstreamRequest } from './upstream/upstream-request.ts';

interface Parts {
  readonly endpoint: Endpoint;
  readonly subAccounts: SubAccounts;
  readonly signRequest: Signer;
  readonly upstream: Upstream;
}

/** What asking again would not change. */
const FINAL: ReadonlySet<string> = new Set(['bad-target', 'no-such-bucket', 'region-unsupported']);

/** Ask the upstream for the state of a bucket, with the key of the sub-account that changed it. */
export async function askState(
  { operation, subAccount: name }: UnknownOutcome,
  parts: Parts,
): Promise<Asked> {
  const { endpoint, subAccounts, signRequest, upstream } = parts;
  try {
    const target = endpoint.parseTarget(operation.region, operation.bucket);
    const subAccount = subAccounts.find(name);
    if (subAccount === null || subAccount.appId !== target.appId) {
      return { code: 'no-such-sub-account', isFinal: true };
    }
    const request = createUpstreamRequest('GET', target.host, null);
    const credentials = subAccounts.credentialsOf(subAccount);
    const signed = signRequest(request, credentials, upstream.timeFor(request.host));
    const answer = await upstream.call(signed);
    if (answer.error !== null) throw answer.error;
    return { state: slimStateOf(answer.body ?? Buffer.alloc(0)) };
  } catch (error) {
    if (error instanceof GatewayError) return { code: error.code, isFinal: FINAL.has(error.code) };
    const isUnreadable = error instanceof StrictXmlError;
    return { code: isUnreadable ? 'upstream-unexpected' : 'internal-error', isFinal: false };
  }
}
