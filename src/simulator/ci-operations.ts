import { CloudError } from './cloud-errors.ts';
import type { Operation, OperationCall } from './operation.ts';
import type { CloudRequest } from './read-request.ts';

/** Source: Cloud Infinite documentation, querying the bind state of a bucket. */
const DESCRIBE_BINDING: Operation = {
  name: 'DescribeCIBucket',
  action: 'ci:DescribeCIBuckets',
  needsBinding: false,
  prepare: (call) => ({ decide: () => bindState(call) }),
};

/**
 * The operation on the host of Cloud Infinite's jobs, which has but one here.
 * @throws CloudError `InvalidURI` for the bucket settings, which have a host of their own;
 * `NotImplemented` for everything else
 */
export function ciOperationOf({ method, path, params }: CloudRequest): Operation {
  if (params.some(([name]) => name === 'image-slim')) {
    throw new CloudError(
      'InvalidURI',
      'image-slim is answered at <BucketName-APPID>.pic.<Region>.',
    );
  }
  if (path !== '/' || method !== 'GET') {
    throw new CloudError('NotImplemented', 'Only GET / is offered on this host.');
  }
  return DESCRIBE_BINDING;
}

function bindState({ bucket }: OperationCall) {
  return {
    status: 200,
    headers: { 'Content-Type': 'application/json', Server: 'tencent-ci' },
    body: JSON.stringify({ CIStatus: bucket.bound ? 'on' : 'off' }),
    change: null,
  };
}
