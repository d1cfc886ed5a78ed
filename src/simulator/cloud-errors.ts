/**
 * Every refusal of the local Cloud Infinite: code, HTTP status and the usual message.
 * Source: COS documentation, "Error Codes"; `UpsAppNotExist`, `RegionUnsupport` and `InvalidToken`
 * are known from clients that meet them, and their statuses are our assumption. So is that
 * `NoProcessAuthority` is the answer to processing that a bucket hasn't switched on.
 */
export const CLOUD_ERRORS = {
  AccessDenied: { status: 403, message: 'Access Denied.' },
  BadDigest: { status: 400, message: 'The Content-MD5 is not that of the body received.' },
  BadRequest: { status: 400, message: 'The request is not HTTP.' },
  EntityTooLarge: { status: 400, message: 'The body is too large.' },
  ExpiredToken: { status: 400, message: 'The security token has expired.' },
  ImageResolutionExceed: { status: 400, message: 'The image has too many pixels.' },
  ImageTooLarge: { status: 400, message: 'The image is too large to be processed.' },
  IncompleteBody: { status: 400, message: 'The body ended before its Content-Length.' },
  InternalError: { status: 500, message: 'The local Cloud Infinite failed.' },
  InvalidAccessKeyId: { status: 403, message: 'The access key id is not known.' },
  InvalidArgument: { status: 400, message: 'An argument is not valid.' },
  InvalidBucketName: { status: 400, message: 'The bucket name is not valid.' },
  InvalidDigest: { status: 400, message: 'The Content-MD5 is not base64 of 16 bytes.' },
  InvalidImageFormat: { status: 400, message: 'The object is not an image that is processed.' },
  InvalidObjectName: { status: 400, message: 'The object key is not valid.' },
  InvalidPicOperations: { status: 400, message: 'Pic-Operations is not valid.' },
  InvalidRange: { status: 416, message: 'The object has no such range.' },
  InvalidRequest: { status: 400, message: 'The request is not valid.' },
  InvalidToken: { status: 400, message: 'The security token is not that of the access key.' },
  InvalidURI: { status: 400, message: 'The request target is not valid.' },
  KeyTooLong: { status: 400, message: 'The object key has more than 850 bytes.' },
  MalformedXML: { status: 400, message: 'The body is not the XML expected.' },
  MethodNotAllowed: { status: 405, message: 'The method is not allowed on this resource.' },
  MissingContentLength: { status: 411, message: 'A Content-Length is required.' },
  MissingRequestBodyError: { status: 400, message: 'A body is required.' },
  NoSuchBucket: { status: 404, message: 'The specified bucket does not exist.' },
  NoProcessAuthority: { status: 403, message: 'The bucket does not offer this processing.' },
  NoSuchKey: { status: 404, message: 'The specified key does not exist.' },
  NotImplemented: { status: 501, message: 'The local Cloud Infinite does not offer this.' },
  PreconditionFailed: { status: 412, message: 'A precondition does not hold.' },
  RegionUnsupport: { status: 400, message: 'The region does not offer this.' },
  RequestTimeTooSkewed: { status: 403, message: 'The clocks differ by more than 15 minutes.' },
  RequestTimeout: { status: 400, message: 'The request did not arrive in time.' },
  SignatureDoesNotMatch: { status: 403, message: 'The signature is not that of the request.' },
  SlowDown: { status: 503, message: 'Please reduce your request rate.' },
  UpsAppNotExist: { status: 400, message: 'The bucket is not bound to Cloud Infinite.' },
  VerifyAlgorithmNotSupported: { status: 400, message: 'The only q-sign-algorithm is sha1.' },
} as const;

export type CloudErrorCode = keyof typeof CLOUD_ERRORS;

/** Thrown where a fault is found; answered once, as an XML document. */
export class CloudError extends Error {
  override readonly name = 'CloudError';
  readonly code: CloudErrorCode;
  /** Elements of the answer beyond the usual ones, like `StringToSign`. */
  readonly extras: Readonly<Record<string, string>>;
  /** Headers of the answer beyond the usual ones, like `Content-Range`. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: CloudErrorCode,
    message: string = CLOUD_ERRORS[code].message,
    {
      extras = {},
      headers = {},
    }: Partial<Record<'extras' | 'headers', Readonly<Record<string, string>>>> = {},
  ) {
    super(message);
    this.code = code;
    this.extras = extras;
    this.headers = headers;
  }

  get status(): number {
    return CLOUD_ERRORS[this.code].status;
  }
}
