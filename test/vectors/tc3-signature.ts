/** One request with its TC3-HMAC-SHA256 signature. Digests and keys are in hex. */
export interface Tc3Vector {
  readonly name: string;
  readonly secretId: string;
  readonly secretKey: string;
  readonly service: string;
  /** Unix seconds, and its UTC date. */
  readonly timestamp: number;
  readonly date: string;
  /** The signed headers, as sent. */
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: string;
  readonly expected: {
    /** Absent where the source doesn't print it. */
    readonly payloadSha256?: string;
    readonly signedHeaders: string;
    readonly canonicalRequestSha256: string;
    /** The steps of the signing key, as far as they are known. */
    readonly dateKey?: string;
    readonly serviceKey?: string;
    readonly signingKey?: string;
    readonly signature: string;
  };
}

const CVM_HEADERS = {
  'Content-Type': 'application/json; charset=utf-8',
  Host: 'cvm.tencentcloudapi.com',
} as const;

/** The request that every edition of the documentation signs; the escapes stand in its text. */
const DOCUMENTED = {
  service: 'cvm',
  timestamp: 1551113065,
  date: '2019-02-25',
  headers: CVM_HEADERS,
  payload: String.raw`{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}`,
} as const;
const DOCUMENTED_PAYLOAD_SHA256 =
  '35e9c5b0e3ae67532d3c9f17ead6c90222632e5b1ff7f6e89887f1398934f064';
const WITHOUT_ACTION = {
  payloadSha256: DOCUMENTED_PAYLOAD_SHA256,
  signedHeaders: 'content-type;host',
  canonicalRequestSha256: '5ffe6a04c0664d6b969fab9a13bdab201d63ee709638e2749d62a09ca18d7031',
} as const;
const WITH_ACTION = {
  payloadSha256: DOCUMENTED_PAYLOAD_SHA256,
  signedHeaders: 'content-type;host;x-tc-action',
  canonicalRequestSha256: '7019a55be8395899b900fb5564e4200d984910f34794a27cb3fb7d10ff6a1e84',
} as const;
const ACTION_HEADERS = { ...CVM_HEADERS, 'X-TC-Action': 'DescribeInstances' } as const;

/** Key pairs as printed, masked by their authors or not; none opens anything. */
const EXAMPLE_KEYS = {
  secretId: 'AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE',
  secretKey: 'Gu5t9xGARNpq86cd98joQYCN3EXAMPLE',
} as const;
const MASKED_KEYS = {
  secretId: 'AKIDz8krbsJ5yKBZQpn74WFkmLPx3*******',
  secretKey: 'Gu5t9xGARNpq86cd98joQYCN3*******',
} as const;

/** Vectors printed by the provider or carried by the tests of its SDKs. */
export const PUBLISHED_TC3_VECTORS: readonly Tc3Vector[] = [
  {
    name: 'T1: the oldest edition of the documentation',
    ...DOCUMENTED,
    ...EXAMPLE_KEYS,
    expected: {
      ...WITHOUT_ACTION,
      dateKey: 'd1308c81fe71cfd4e06437bbc067b2b8a3d2d8c0e375d547f15c41d5214b395a',
      serviceKey: '3c7cb7c7795393edc14fd2e0e6434a518564b4504b88e94f5d11bf59ba3e7050',
      signingKey: 'ac658d5dde49e9bfdd14e04e062f66b05d9f637d44b8a8d845327d4a77f666b1',
      signature: '72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168',
    },
  },
  {
    name: 'T2: a later edition',
    ...DOCUMENTED,
    ...MASKED_KEYS,
    expected: {
      ...WITHOUT_ACTION,
      signature: '2230eefd229f582d8b1b891af7107b91597240707d778ab3738f756258d7652c',
    },
  },
  {
    name: 'T3: the edition that signs the action',
    ...DOCUMENTED,
    ...MASKED_KEYS,
    headers: ACTION_HEADERS,
    expected: {
      ...WITH_ACTION,
      signature: 'be4f67d323c78ab9acb7395e43c0dbcf822a9cfac32fea2449a7bc7726b770a3',
    },
  },
  {
    name: 'T4: the newest edition',
    ...DOCUMENTED,
    secretId: `AKID${'*'.repeat(32)}`,
    secretKey: '*'.repeat(32),
    headers: ACTION_HEADERS,
    expected: {
      ...WITH_ACTION,
      dateKey: 'da98fb70dcf6b112dc21038d1eeeb3a95c74b4dcb12c1131f864f6066bd02be0',
      serviceKey: '8d70cbefb03939f929db64d32dc2ba89b1095620119fe3e050e2b18c5bd2752f',
      signingKey: 'b596b923aad85185e2d1f6659d2a062e0a86731226e021e61bfe06f7ed05f5af',
      signature: '10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f',
    },
  },
  {
    name: 'T6: the official SDK’s own test',
    secretId: 'test-secret-id',
    secretKey: 'test-secret-key',
    service: 'cvm',
    timestamp: 1640995200,
    date: '2022-01-01',
    headers: { 'Content-Type': 'application/json', Host: 'cvm.tencentcloudapi.com' },
    payload: '{"Action":"DescribeInstances","Version":"2017-03-12"}',
    expected: {
      signedHeaders: 'content-type;host',
      canonicalRequestSha256: '11b4984250df9d76592a8eb098c42d8c757bebef390e23479ceac3a58148f4d9',
      signature: '96473b50fe407833672a5d6d067238d88bb44c8abcc39ef83baa3132afbfadd3',
    },
  },
];

/** A call of STS; two independent implementations agree on it. */
export const T7: Tc3Vector = {
  name: 'T7: a call of STS',
  secretId: 'AKIDEXAMPLE',
  secretKey: 'EXAMPLEKEY',
  service: 'sts',
  timestamp: 1700000000,
  date: '2023-11-14',
  headers: {
    'Content-Type': 'application/json; charset=utf-8',
    Host: 'sts.tencentcloudapi.com',
    'X-TC-Action': 'GetFederationToken',
  },
  payload:
    '{"Name":"gateway","Policy":"%7B%22version%22%3A%222.0%22%2C%22statement%22%3A%5B%5D%7D","DurationSeconds":1800}',
  expected: {
    payloadSha256: '240f7b6e831bfb3170a475b9d2126808550896a7df59c8156b282ba255868f93',
    signedHeaders: 'content-type;host;x-tc-action',
    canonicalRequestSha256: '1ea2b88b183697e580c53dae29216c42d6b07cf0bdfe2d760934f42a63392a87',
    signingKey: 'c2bc450cb9795d3fc8794aa7c90edf58b89ddc4d6c4437716ea471ef312f3f2b',
    signature: '7e31a7b5b9cfab33b76404782f69babfc15f31234f5b1fec0ef667b739dfe6ee',
  },
};

/** Own vectors, on which two independent implementations agree. */
export const OWN_TC3_VECTORS: readonly Tc3Vector[] = [
  {
    name: 'T5: the documented request with its first keys and its action',
    ...DOCUMENTED,
    ...EXAMPLE_KEYS,
    headers: ACTION_HEADERS,
    expected: {
      ...WITH_ACTION,
      signature: '644be983de9a8a3f00db8eadaba61467c3b429e2215758ba897b738ca469fd26',
    },
  },
  T7,
];

export const TC3_VECTORS: readonly Tc3Vector[] = [...PUBLISHED_TC3_VECTORS, ...OWN_TC3_VECTORS];
