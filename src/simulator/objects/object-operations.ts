import { CloudError } from '../cloud-errors.ts';
import type { Operation, OperationCall, Outcome } from '../operation.ts';
import type { CloudRequest } from '../read-request.ts';
import { prepareDelete } from './delete-object.ts';
import { getBucket, headBucket } from './get-bucket.ts';
import { prepareGet, prepareHead } from './get-object.ts';
import { objectKeyOf } from './object-key.ts';
import { prepareProcess } from './process-object.ts';
import { preparePut } from './put-object.ts';

type ObjectOperation = Pick<Operation, 'name' | 'action' | 'isStreamed'> & {
  readonly prepare: (call: OperationCall, key: string) => ReturnType<Operation['prepare']>;
};

/** Source: COS documentation, "Object Operations", with their CAM actions. */
const OBJECT_OPERATIONS: ReadonlyMap<string, ObjectOperation> = new Map([
  ['GET', { name: 'GetObject', action: 'cos:GetObject', prepare: prepareGet }],
  ['HEAD', { name: 'HeadObject', action: 'cos:HeadObject', prepare: prepareHead }],
  ['PUT', { name: 'PutObject', action: 'cos:PutObject', isStreamed: true, prepare: preparePut }],
  ['DELETE', { name: 'DeleteObject', action: 'cos:DeleteObject', prepare: prepareDelete }],
]);

/** The results ask for `cos:PutObject` as well. */
const PROCESS_OBJECT: ObjectOperation = {
  name: 'ProcessObject',
  action: 'cos:GetObject',
  prepare: prepareProcess,
};

/** Source: COS documentation, "Bucket Operations", with their CAM actions. */
const BUCKET_OPERATIONS: ReadonlyMap<string, Operation> = new Map([
  ['GET', bucketOperation('GetBucket', getBucket)],
  ['HEAD', bucketOperation('HeadBucket', headBucket)],
]);

/** What these parameters ask for is more than the plain operation, and isn't here. */
const UNOFFERED: ReadonlySet<string> = new Set(
  `accelerate acl append cors delete domain encryption intelligenttiering inventory legal-hold
  lifecycle location logging notification object-lock origin partNumber policy referer replication
  requestPayment restore retention select tagging torrent uploadId uploads versionId versioning
  versions website ci-process imageInfo imageAve exif`.split(/\s+/),
);
const UNOFFERED_PROCESSING = /^(?:imageMogr2|imageView2|watermark)(?:\/|$)/;

/**
 * The operation that a method asks for on the host of objects.
 * @throws CloudError `NotImplemented` for what this stand-in has not, `InvalidURI` for the bucket
 * settings, which have a host of their own; `KeyTooLong`, `InvalidObjectName`
 */
export function objectOperationOf(request: CloudRequest): Operation {
  refuseUnoffered(request);
  const { method, path, params } = request;
  if (path === '/') return offered(BUCKET_OPERATIONS.get(method));
  const isProcess = method === 'POST' && params.some(([name]) => name === 'image_process');
  const operation = offered(isProcess ? PROCESS_OBJECT : OBJECT_OPERATIONS.get(method));
  const key = objectKeyOf(path);
  const prepare = (call: OperationCall) => operation.prepare(call, key);
  return { ...operation, key, needsBinding: false, prepare };
}

function refuseUnoffered({ params }: CloudRequest): void {
  for (const [name] of params) {
    if (name === 'image-slim') {
      throw new CloudError(
        'InvalidURI',
        'image-slim is answered at <BucketName-APPID>.pic.<Region>.',
      );
    }
    if (UNOFFERED.has(name) || UNOFFERED_PROCESSING.test(name)) {
      throw new CloudError('NotImplemented', `The parameter ${name} is not offered here.`);
    }
  }
}

function offered<Offered>(operation: Offered | undefined): Offered {
  if (operation === undefined) {
    throw new CloudError('NotImplemented', 'This method is not offered here.');
  }
  return operation;
}

function bucketOperation(name: string, decide: (call: OperationCall) => Outcome): Operation {
  const prepare = (call: OperationCall) => ({ decide: () => decide(call) });
  return { name, action: `cos:${name}`, needsBinding: false, prepare };
}
