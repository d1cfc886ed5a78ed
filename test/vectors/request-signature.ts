/** The parts of a signature that a vector fixes: every one is text that a person can compare. */
export interface ExpectedSignature {
  readonly signKey: string;
  readonly urlParamList: string;
  /** Absent where the source prints only the list. */
  readonly httpParameters?: string;
  readonly headerList: string;
  /** Absent where the source prints only the list. */
  readonly httpHeaders?: string;
  readonly httpStringSha1: string;
  readonly signature: string;
}

/** One request with its signature. Names keep the case of the source: lower-casing is the signer's. */
export interface SignatureVector {
  readonly name: string;
  readonly secretId: string;
  readonly secretKey: string;
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** Decoded, as it stands in the HttpString. */
  readonly path: string;
  /** Covered query parameters, decoded; a parameter without a value has the empty text. */
  readonly params: Readonly<Record<string, string>>;
  /** Covered headers, as sent. */
  readonly headers: Readonly<Record<string, string>>;
  /** Sent along, but in neither list. */
  readonly uncovered?: {
    readonly params?: Readonly<Record<string, string>>;
    readonly headers?: Readonly<Record<string, string>>;
  };
  /** Where the source gives one: its MD5 is the Content-MD5 among the headers. */
  readonly body?: string;
  /** Unix seconds. */
  readonly keyTime: { readonly start: number; readonly end: number };
  readonly expected: ExpectedSignature;
}

/** The key pair printed in the documentation: it looks real to a scanner and opens nothing. */
const documented = {
  secretId: 'AKIDQjz3ltompVjBni5LitkWHFlFpwkn9U5q',
  secretKey: 'BQYIM75p8x0iWVFSIgqEKwFprpRSVHlz',
} as const;

const COS_BEIJING = 'examplebucket-1250000000.cos.ap-beijing.myqcloud.com';
const COS_SHANGHAI = 'examplebucket-1250000000.cos.ap-shanghai.myqcloud.com';
const PIC_SHANGHAI = 'examplebucket-1250000000.pic.ap-shanghai.myqcloud.com';

const SIGN_KEY_2014 = 'd265642cf75792e70e35030fd14e73134094d673';
const keyTime2014 = { start: 1417773892, end: 1417853898 } as const;
const SIGN_KEY_V1 = 'eb2519b498b02ac213cb1f3d1a3d27a3b3c9bc5f';
const keyTimeV1 = { start: 1557989151, end: 1557996351 } as const;

/** Vectors printed by the provider or carried by the tests of its SDKs. */
export const PUBLISHED_VECTORS: readonly SignatureVector[] = [
  {
    name: 'V1: the documentation puts an object with a Chinese name',
    ...documented,
    method: 'PUT',
    path: '/exampleobject(腾讯云)',
    params: {},
    headers: {
      Date: 'Thu, 16 May 2019 06:45:51 GMT',
      Host: COS_BEIJING,
      'Content-Type': 'text/plain',
      'Content-Length': '13',
      'Content-MD5': 'mQ/fVh815F3k6TAUm8m0eg==',
      'x-cos-acl': 'private',
      'x-cos-grant-read': 'uin="100000000011"',
    },
    body: 'ObjectContent',
    keyTime: keyTimeV1,
    expected: {
      signKey: SIGN_KEY_V1,
      urlParamList: '',
      httpParameters: '',
      headerList: 'content-length;content-md5;content-type;date;host;x-cos-acl;x-cos-grant-read',
      httpHeaders:
        'content-length=13&content-md5=mQ%2FfVh815F3k6TAUm8m0eg%3D%3D&content-type=text%2Fplain&date=Thu%2C%2016%20May%202019%2006%3A45%3A51%20GMT&host=examplebucket-1250000000.cos.ap-beijing.myqcloud.com&x-cos-acl=private&x-cos-grant-read=uin%3D%22100000000011%22',
      httpStringSha1: '8b2751e77f43a0995d6e9eb9477f4b685cca4172',
      signature: '3b8851a11a569213c17ba8fa7dcf2abec6935172',
    },
  },
  {
    name: 'V2: the documentation gets an object with response parameters',
    ...documented,
    method: 'GET',
    path: '/exampleobject(腾讯云)',
    params: {
      'response-content-type': 'application/octet-stream',
      'response-cache-control': 'max-age=600',
    },
    headers: { Date: 'Thu, 16 May 2019 06:55:53 GMT', Host: COS_BEIJING },
    keyTime: { start: 1557989753, end: 1557996953 },
    expected: {
      signKey: '937914bf490e9e8c189836aad2052e4feeb35eaf',
      urlParamList: 'response-cache-control;response-content-type',
      httpParameters:
        'response-cache-control=max-age%3D600&response-content-type=application%2Foctet-stream',
      headerList: 'date;host',
      httpHeaders:
        'date=Thu%2C%2016%20May%202019%2006%3A55%3A53%20GMT&host=examplebucket-1250000000.cos.ap-beijing.myqcloud.com',
      httpStringSha1: '54ecfe22f59d3514fdc764b87a32d8133ea611e6',
      signature: '01681b8c9d798a678e43b685a9f1bba0f6c0e012',
    },
  },
  {
    name: 'V3: the Go SDK’s unit test puts an object',
    secretId: 'QmFzZTY0IGlzIGEgZ2VuZXJp',
    secretKey: 'AKIDZfbOA78asKUYBcXFrJD0a1ICvR98JM',
    method: 'PUT',
    path: '/testfile2',
    params: {},
    headers: {
      Host: 'testbucket-125000000.cos.ap-guangzhou.myqcloud.com',
      'x-cos-content-sha1': 'db8ac1c259eb89d4a131b253bacfca5f319d54f2',
      'x-cos-stroage-class': 'nearline',
    },
    keyTime: { start: 1480932292, end: 1481012292 },
    expected: {
      signKey: '95d110a8ead64cac52083100db75b7e3f369e72f',
      urlParamList: '',
      headerList: 'host;x-cos-content-sha1;x-cos-stroage-class',
      httpHeaders:
        'host=testbucket-125000000.cos.ap-guangzhou.myqcloud.com&x-cos-content-sha1=db8ac1c259eb89d4a131b253bacfca5f319d54f2&x-cos-stroage-class=nearline',
      httpStringSha1: '113b22e92b74237531fafbfc8bb9e67be55645c7',
      signature: 'ce4ac0ecbcdb30538b3fee0a97cc6389694ce53a',
    },
  },
  {
    name: 'V4: an older edition of the documentation gets a range',
    ...documented,
    method: 'GET',
    path: '/testfile',
    params: {},
    headers: { Host: 'bucket1-1254000000.cos.ap-beijing.myqcloud.com', Range: 'bytes=0-3' },
    keyTime: keyTime2014,
    expected: {
      signKey: SIGN_KEY_2014,
      urlParamList: '',
      headerList: 'host;range',
      httpHeaders: 'host=bucket1-1254000000.cos.ap-beijing.myqcloud.com&range=bytes%3D0-3',
      httpStringSha1: '3a529544cb1559b8be98f079df87742e8fad26dc',
      signature: '4b6cbab14ce01381c29032423481ebffd514e8be',
    },
  },
  {
    name: 'V5: an older edition of the documentation puts an object of a storage class',
    ...documented,
    method: 'PUT',
    path: '/exampleobject',
    params: {},
    headers: {
      Host: COS_BEIJING,
      'x-cos-content-sha1': 'b502c3a1f48c8609ae212cdfb639dee39673f5e',
      'x-cos-storage-class': 'standard',
    },
    keyTime: keyTime2014,
    expected: {
      signKey: SIGN_KEY_2014,
      urlParamList: '',
      headerList: 'host;x-cos-content-sha1;x-cos-storage-class',
      httpStringSha1: '823d118a3d7a70ab62f668f2539fabe9683a7ae9',
      signature: '0ab12f43e74cbe148d705cd9fae8adc9a6d39cc1',
    },
  },
  {
    name: 'V6: a client of the service puts an object with an access list',
    secretId: 'AKIDEXAMPLE',
    secretKey: documented.secretKey,
    method: 'PUT',
    path: '/TemplatePrint-0.2.2-Setup-x64.msi',
    params: {},
    headers: { Host: COS_BEIJING, 'x-cos-acl': 'public-read' },
    keyTime: keyTimeV1,
    expected: {
      signKey: SIGN_KEY_V1,
      urlParamList: '',
      headerList: 'host;x-cos-acl',
      httpStringSha1: '3dedd5de45cba59bec145d2e38e031f49e4d218c',
      signature: '74cb1be4904cf16881dae2c777c40d2617472c47',
    },
  },
];

/** V7: a sign key alone. */
export const SIGN_KEY_VECTOR = {
  secretKey: documented.secretKey,
  keyTime: { start: 1557902800, end: 1557910000 },
  signKey: '1101994244449a067e7659a123ba5bba59cc1a78',
} as const;

const common = {
  ...documented,
  path: '/',
  params: { 'image-slim': '' },
  keyTime: { start: 1700000000, end: 1700000600 },
} as const;

const expectedOnImageSlim = {
  signKey: '5c2136b244ad1ccb28e126fe4be5c7cd259d0dc8',
  urlParamList: 'image-slim',
  httpParameters: 'image-slim=',
} as const;

const BODY_AUTO_API =
  '<ImageSlim><SlimMode>Auto,API</SlimMode><Suffixs><Suffix>jpg</Suffix><Suffix>png</Suffix></Suffixs></ImageSlim>';
const headersAutoApi = {
  'Content-Length': '111',
  'Content-MD5': 'la/DDbBTRzvwguLLbiw4ow==',
  'Content-Type': 'application/xml',
  Host: PIC_SHANGHAI,
} as const;

/** Vectors of our own on the bucket setting: two implementations in two languages agree on them. */
export const IMAGE_SLIM_VECTORS: readonly SignatureVector[] = [
  {
    ...common,
    name: 'S1: describe, host covered',
    method: 'GET',
    headers: { Host: PIC_SHANGHAI },
    expected: {
      ...expectedOnImageSlim,
      headerList: 'host',
      httpHeaders: `host=${PIC_SHANGHAI}`,
      httpStringSha1: '8837fac7ad2151319d257317f0ba6309f9a6a900',
      signature: '96825870b33b8d4b7ec839a5f24dfeee2738f968',
    },
  },
  {
    ...common,
    name: 'S2: disable, host covered',
    method: 'DELETE',
    headers: { Host: PIC_SHANGHAI },
    expected: {
      ...expectedOnImageSlim,
      headerList: 'host',
      httpHeaders: `host=${PIC_SHANGHAI}`,
      httpStringSha1: '0d62f4928e7bf02456d778acd78ad478d9cf9a27',
      signature: '8203d0ad07c83467ac1bbfe4538e8d35f06ebc7f',
    },
  },
  {
    ...common,
    name: 'S3: enable Auto and API, body covered through Content-MD5',
    method: 'PUT',
    headers: headersAutoApi,
    body: BODY_AUTO_API,
    expected: {
      ...expectedOnImageSlim,
      headerList: 'content-length;content-md5;content-type;host',
      httpHeaders: `content-length=111&content-md5=la%2FDDbBTRzvwguLLbiw4ow%3D%3D&content-type=application%2Fxml&host=${PIC_SHANGHAI}`,
      httpStringSha1: '65373bf193f0e3f11723335f047d79fcbac17df9',
      signature: 'db90295821b9c1dabcd02853de67b7fb4a66da2d',
    },
  },
  {
    ...common,
    name: 'S4: S3 with a security token, covered',
    method: 'PUT',
    headers: { ...headersAutoApi, 'x-cos-security-token': 'Example/Token+With=Chars==' },
    body: BODY_AUTO_API,
    expected: {
      ...expectedOnImageSlim,
      headerList: 'content-length;content-md5;content-type;host;x-cos-security-token',
      httpHeaders: `content-length=111&content-md5=la%2FDDbBTRzvwguLLbiw4ow%3D%3D&content-type=application%2Fxml&host=${PIC_SHANGHAI}&x-cos-security-token=Example%2FToken%2BWith%3DChars%3D%3D`,
      httpStringSha1: '07dfe71192e8d56f19602122e45363643c53eb92',
      signature: 'ea5d48da39737e7c9439ad3937fbf0d7c30681f8',
    },
  },
  {
    ...common,
    name: 'S5: describe, nothing covered at all',
    method: 'GET',
    params: {},
    headers: {},
    uncovered: { params: { 'image-slim': '' }, headers: { Host: PIC_SHANGHAI } },
    expected: {
      signKey: expectedOnImageSlim.signKey,
      urlParamList: '',
      httpParameters: '',
      headerList: '',
      httpHeaders: '',
      httpStringSha1: 'fe7958cba276b6f027f5ccb3acaaf32bb1f77d04',
      signature: '816d9c7708afa1b504881b4cf5eb474d81baa313',
    },
  },
  {
    ...common,
    name: 'S6: describe with Date, covered',
    method: 'GET',
    headers: { Date: 'Tue, 14 Nov 2023 22:13:20 GMT', Host: PIC_SHANGHAI },
    expected: {
      ...expectedOnImageSlim,
      headerList: 'date;host',
      httpHeaders: `date=Tue%2C%2014%20Nov%202023%2022%3A13%3A20%20GMT&host=${PIC_SHANGHAI}`,
      httpStringSha1: '4219e80a90546f14757bdf4e962d97bfc107895b',
      signature: '4e702f1db6a530fbef7e8a42ad8ec1f3a2666206',
    },
  },
  {
    ...common,
    name: 'S7: a change whose sub-resource is not covered',
    method: 'PUT',
    params: {},
    headers: { Host: PIC_SHANGHAI },
    uncovered: { params: { 'image-slim': '' } },
    expected: {
      signKey: expectedOnImageSlim.signKey,
      urlParamList: '',
      httpParameters: '',
      headerList: 'host',
      httpHeaders: `host=${PIC_SHANGHAI}`,
      httpStringSha1: '0af08ea9f2966e3c083e4b94c45193c50e5147e3',
      signature: '6195bbd79b2ed4129847bf3d8f3264b1ef9eeb85',
    },
  },
  {
    ...common,
    name: 'S8: enable API alone',
    method: 'PUT',
    headers: {
      ...headersAutoApi,
      'Content-Length': '47',
      'Content-MD5': 'Fpcur1FJi7E94jtmrPk0uQ==',
    },
    body: '<ImageSlim><SlimMode>API</SlimMode></ImageSlim>',
    expected: {
      ...expectedOnImageSlim,
      headerList: 'content-length;content-md5;content-type;host',
      httpHeaders: `content-length=47&content-md5=Fpcur1FJi7E94jtmrPk0uQ%3D%3D&content-type=application%2Fxml&host=${PIC_SHANGHAI}`,
      httpStringSha1: 'df0fb4f47f12eba5df2df7d0bb73b45eba36d5fa',
      signature: '9817ceedcc881c151e7ff77df6fe5dc25f2b2bae',
    },
  },
  {
    ...common,
    name: 'S9: a parameter whose name and value need encoding',
    method: 'GET',
    params: { 'image-slim': '', 'x:Y': 'a b+c/中' },
    headers: { Host: PIC_SHANGHAI },
    expected: {
      signKey: expectedOnImageSlim.signKey,
      urlParamList: 'image-slim;x%3ay',
      httpParameters: 'image-slim=&x%3ay=a%20b%2Bc%2F%E4%B8%AD',
      headerList: 'host',
      httpHeaders: `host=${PIC_SHANGHAI}`,
      httpStringSha1: '01a19b69eb8b5a70da0d34d4b4fb375efcefec0c',
      signature: 'ccae27626bf285301148ae7f1eec910aee005a08',
    },
  },
  {
    ...common,
    name: 'S10: a header with the characters that encodeURIComponent leaves alone',
    method: 'GET',
    headers: { Host: PIC_SHANGHAI, 'x-cos-meta-note': "it's (50%) a*b, c:d" },
    expected: {
      ...expectedOnImageSlim,
      headerList: 'host;x-cos-meta-note',
      httpHeaders: `host=${PIC_SHANGHAI}&x-cos-meta-note=it%27s%20%2850%25%29%20a%2Ab%2C%20c%3Ad`,
      httpStringSha1: 'f76e4a6db6252ac7c1ebdfae687765501e75411b',
      signature: '2a96941449f528806405d849796d63bbc949027a',
    },
  },
];

const picOperations = {
  Host: COS_SHANGHAI,
  'Pic-Operations': '{"is_pic_info":1,"rules":[{"fileid":"out/1.png","rule":"imageSlim"}]}',
} as const;

/** Vectors of our own on compressing objects. */
export const OBJECT_VECTORS: readonly SignatureVector[] = [
  {
    ...common,
    name: 'O1: upload with compression, a key with a space and Chinese',
    method: 'PUT',
    path: '/dir/测试 1.png',
    params: {},
    headers: picOperations,
    expected: {
      signKey: expectedOnImageSlim.signKey,
      urlParamList: '',
      headerList: 'host;pic-operations',
      httpStringSha1: '4471f907201ce1c80cb07b44e6a69e7a2ca78d1a',
      signature: 'b34beb4c9d22f4f4d2b2401f50653e991f3c8391',
    },
  },
  {
    ...common,
    name: 'O2: compression of a stored object',
    method: 'POST',
    path: '/a.png',
    params: { image_process: '' },
    headers: picOperations,
    expected: {
      signKey: expectedOnImageSlim.signKey,
      urlParamList: 'image_process',
      httpParameters: 'image_process=',
      headerList: 'host;pic-operations',
      httpStringSha1: '270166820d80bef6a1455fc28953d100c5108d00',
      signature: '0492e023cbfea544f01986722252c3927ab3aa45',
    },
  },
  {
    ...common,
    name: 'O3: compression on download, the parameter’s name in lower case',
    method: 'GET',
    path: '/a.png',
    params: { imageSlim: '' },
    headers: { Host: COS_SHANGHAI },
    expected: {
      signKey: expectedOnImageSlim.signKey,
      urlParamList: 'imageslim',
      httpParameters: 'imageslim=',
      headerList: 'host',
      httpHeaders: `host=${COS_SHANGHAI}`,
      httpStringSha1: 'c73ff8d374ff9322859e7e1d951c70d3586237f7',
      signature: '4bbf4c7e71c132fc094784b530cd77b907faad9b',
    },
  },
];

export const SIGNATURE_VECTORS: readonly SignatureVector[] = [
  ...PUBLISHED_VECTORS,
  ...IMAGE_SLIM_VECTORS,
  ...OBJECT_VECTORS,
];

/** The whole Authorization value of S3. */
export const S3_AUTHORIZATION =
  'q-sign-algorithm=sha1&q-ak=AKIDQjz3ltompVjBni5LitkWHFlFpwkn9U5q&q-sign-time=1700000000;1700000600&q-key-time=1700000000;1700000600&q-header-list=content-length;content-md5;content-type;host&q-url-param-list=image-slim&q-signature=db90295821b9c1dabcd02853de67b7fb4a66da2d';

/** Signatures of S1 that a signer with one common mistake makes: none of them may be accepted. */
export const MISTAKEN_SIGNATURES_OF_S1: readonly {
  readonly name: string;
  readonly signature: string;
}[] = [
  {
    name: 'the sign key used as raw bytes',
    signature: '9780ecd21f4d251766f2f276a4afb521192ff5b0',
  },
  {
    name: 'the HttpString without its last line feed',
    signature: 'e970c2d56b66d66acec7c095f553584a98e01165',
  },
  {
    name: 'the parameter without its equals sign',
    signature: '66e375fdfa94ce653a1e0564852591f94b58003d',
  },
];

/** UrlEncode by itself. */
export const URL_ENCODE_VECTORS: readonly { readonly text: string; readonly encoded: string }[] = [
  {
    text: 'a b/c?d=e&f+g~-_.!\'()*$,:;<=>@[\\]^`{|}#"',
    encoded:
      'a%20b%2Fc%3Fd%3De%26f%2Bg~-_.%21%27%28%29%2A%24%2C%3A%3B%3C%3D%3E%40%5B%5C%5D%5E%60%7B%7C%7D%23%22',
  },
  { text: '腾讯云', encoded: '%E8%85%BE%E8%AE%AF%E4%BA%91' },
  { text: '%20', encoded: '%2520' },
  { text: '\t', encoded: '%09' },
];
