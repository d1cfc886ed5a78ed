import type { BucketAddress } from './bucket-address.ts';
import { ciOperationOf } from './ci-operations.ts';
import { objectOperationOf } from './objects/object-operations.ts';
import type { Operation } from './operation.ts';
import type { CloudRequest } from './read-request.ts';
import { slimOperationOf } from './slim-operations.ts';

const OPERATIONS_OF: Readonly<Record<BucketAddress['kind'], (request: CloudRequest) => Operation>> =
  { pic: slimOperationOf, ci: ciOperationOf, cos: objectOperationOf };

/**
 * The operation that a request asks for on the kind of host that it addresses.
 * @throws CloudError
 */
export function operationOf({ kind }: BucketAddress, request: CloudRequest): Operation {
  return OPERATIONS_OF[kind](request);
}
