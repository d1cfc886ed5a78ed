import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { parseLocalCloud } from '../../src/simulator/local-cloud.ts';
import { createMetadata } from '../../src/simulator/metadata/answer-metadata.ts';
import { createSts } from '../../src/simulator/sts/answer-sts.ts';
import type { StsRequest } from '../../src/simulator/sts/sts-request.ts';
import { openTemporaryKeys } from '../../src/simulator/sts/temporary-keys.ts';
import { signTc3 } from './tc3-signer.ts';

/** An access key as a client of STS holds it. */
export interface StsClientKey {
  readonly secretId: string;
  readonly secretKey: string;
  readonly token?: string;
}

/** The keys of STS_CLOUD. */
export const STS_KEYS = {
  media: { secretId: 'AKIDmedia', secretKey: 'secret-key-of-media' },
  reader: { secretId: 'AKIDreader', secretKey: 'secret-key-of-reader' },
  /** A temporary key of media, written into the document. */
  written: { secretId: 'AKIDwritten', secretKey: 'secret-key-written', token: 'token-written' },
  stranger: { secretId: 'AKIDstranger', secretKey: 'secret-key-of-stranger' },
} as const;

const CI_ON = (bucket: string, action: string) =>
  `{ version: "2.0", statement: { effect: allow, action: "ci:${action}", resource: "qcs::ci::uid/1250000000:bucket/${bucket}" } }`;

/** Two accounts; roles that trust a sub-account, the instance, and nobody who could ask. */
export const STS_CLOUD = `
accounts:
  - appId: 1250000000
    uin: 100000000001
    subAccounts:
      - name: media
        uin: 100000000011
        keys:
          - { secretId: AKIDmedia, secretKey: secret-key-of-media }
          - { secretId: AKIDwritten, secretKey: secret-key-written, token: token-written, expires: 2023-11-15T00:00:00Z }
        policies: [${CI_ON('*', '*')}]
      - name: reader
        uin: 100000000012
        keys: [{ secretId: AKIDreader, secretKey: secret-key-of-reader }]
        policies: [${CI_ON('*', 'DescribeImageSlim')}]
    roles:
      - name: operator
        id: "4611686018427387001"
        trusts: [media, cvm]
        policies: [${CI_ON('a-1250000000/*', '*')}]
      - { name: short, trusts: [media, cvm], maxSessionSeconds: 600 }
      - { name: media, trusts: [media] } # A namesake of whom the others trust.
    instance: { role: operator }
  - appId: 1250000001
    uin: 100000000002
    subAccounts:
      - name: media
        uin: 100000000021
        keys: [{ secretId: AKIDstranger, secretKey: secret-key-of-stranger }]
`;

/** The clock of these tests: that of the vector T7. */
export const STS_NOW = 1700000000;
export const OPERATOR_ARN = 'qcs::cam::uin/100000000001:roleName/operator';

export interface LocalStsOptions {
  readonly cloud?: string;
  readonly path?: string;
}

async function temporaryFile(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'local-sts-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return join(directory, 'temporary-keys.jsonl');
}

/** A local STS and instance metadata with a clock that the test moves. */
export async function openLocalSts({ cloud: text = STS_CLOUD, path }: LocalStsOptions = {}) {
  const clock = { seconds: STS_NOW };
  const now = () => new Date(clock.seconds * 1000);
  const cloud = parseLocalCloud(text);
  const file = path ?? (await temporaryFile());
  const temporaryKeys = openTemporaryKeys(file, { cloud, now });
  onTestFinished(() => temporaryKeys.close());
  const parts = { cloud, temporaryKeys, now };
  return { ...parts, clock, path: file, sts: createSts(parts), metadata: createMetadata(parts) };
}

export interface StsCallOptions {
  readonly action?: string;
  readonly parameters?: unknown;
  /** In place of the parameters. */
  readonly payload?: string;
  readonly key?: StsClientKey;
  readonly timestamp?: number;
  readonly host?: string;
  readonly contentType?: string;
  /** Whether the action is among the signed headers; some SDKs leave it out. */
  readonly isActionSigned?: boolean;
  /** Not signed; in place of those that every call has, undefined for none. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

/** A signed call of STS, as it would come over the wire. */
export function stsRequest(call: StsCallOptions = {}): StsRequest {
  const { action = 'GetCallerIdentity', parameters = {} } = call;
  const key: StsClientKey = call.key ?? STS_KEYS.media;
  const { timestamp = STS_NOW, host = 'sts.tencentcloudapi.com', isActionSigned = true } = call;
  const { contentType = 'application/json; charset=utf-8', headers = {} } = call;
  const { payload = JSON.stringify(parameters) } = call;
  const covered = { 'Content-Type': contentType, Host: host };
  const { authorization } = signTc3({
    ...key,
    timestamp,
    payload,
    headers: isActionSigned ? { ...covered, 'X-TC-Action': action } : covered,
  });
  const all: Record<string, string | undefined> = {
    ...covered,
    Authorization: authorization,
    'X-TC-Action': action,
    'X-TC-Version': '2018-08-13',
    'X-TC-Region': 'ap-guangzhou',
    'X-TC-Timestamp': String(timestamp),
    'X-TC-Token': key.token,
    ...headers,
  };
  return {
    method: 'POST',
    host: host.toLowerCase().replace(/:[0-9]+$/, ''),
    path: '/',
    headers: Object.entries(all).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    ),
    body: Buffer.from(payload),
  };
}

/** The members of `Response` that these tests look at. */
export interface StsResponse {
  readonly RequestId: string;
  readonly Error?: { readonly Code: string; readonly Message: string };
  readonly Credentials?: {
    readonly Token: string;
    readonly TmpSecretId: string;
    readonly TmpSecretKey: string;
  };
  readonly ExpiredTime?: number;
  readonly Expiration?: string;
}

export function responseOf({ body }: { readonly body: string }): StsResponse {
  return JSON.parse(body).Response;
}

/** The key of an answer that issues one. */
export function issuedKey(answer: { readonly body: string }): Required<StsClientKey> {
  const { Credentials } = responseOf(answer);
  if (Credentials === undefined) throw new Error(`no key was issued: ${answer.body}`);
  const { TmpSecretId: secretId, TmpSecretKey: secretKey, Token: token } = Credentials;
  return { secretId, secretKey, token };
}

/** A session policy as it stands in the parameter: URL-encoded once. */
export function sessionPolicy(action: string | string[], resource: string | string[] = '*') {
  const statement = [{ effect: 'allow', action, resource }];
  return encodeURIComponent(JSON.stringify({ version: '2.0', statement }));
}
