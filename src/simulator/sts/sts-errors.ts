/**
 * Every refusal of the local STS: code and usual message; the status is always 200.
 * Source: STS documentation, "Error Codes", and API 3.0, "Common Error Codes"; where several would
 * fit, which one is meant is our assumption.
 */
export const STS_ERRORS = {
  'AuthFailure.InvalidAuthorization': 'The Authorization header is not that of TC3-HMAC-SHA256.',
  'AuthFailure.SecretIdNotFound': 'The SecretId is not known.',
  'AuthFailure.SignatureExpire': 'X-TC-Timestamp is more than 5 minutes off.',
  'AuthFailure.SignatureFailure': 'The signature is not that of the request.',
  'AuthFailure.TokenFailure': 'X-TC-Token is not a valid token of this SecretId.',
  InternalError: 'The local STS failed.',
  InvalidAction: 'The action is not offered here.',
  InvalidParameter: 'A parameter is not valid.',
  'InvalidParameter.AccessKeyNotSupport': 'Only a permanent key may ask for this.',
  'InvalidParameter.OverTimeError': 'DurationSeconds is out of its bounds.',
  'InvalidParameter.ParamError': 'A parameter is not valid.',
  'InvalidParameter.PolicyTooLong': 'Policy is too long.',
  'InvalidParameter.StrategyFormatError': 'Policy is not JSON, URL-encoded once.',
  'InvalidParameter.StrategyInvalid': 'Policy is not a policy document.',
  MissingParameter: 'A required parameter is missing.',
  NoSuchVersion: 'The only X-TC-Version is 2018-08-13.',
  'ResourceNotFound.RoleNotFound': 'The role does not exist.',
  UnauthorizedOperation: 'The role may not be assumed by this caller.',
  UnknownParameter: 'A parameter is not known.',
  UnsupportedOperation: 'The local STS does not offer this.',
  UnsupportedProtocol: 'A request is a POST of application/json.',
  UnsupportedRegion: 'X-TC-Region is not a region.',
} as const;

export type StsErrorCode = keyof typeof STS_ERRORS;

/** Thrown where a fault is found; answered once. The message never quotes a value received. */
export class StsError extends Error {
  override readonly name = 'StsError';
  readonly code: StsErrorCode;

  constructor(code: StsErrorCode, message: string = STS_ERRORS[code]) {
    super(message);
    this.code = code;
  }
}
