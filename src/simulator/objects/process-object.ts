import { CloudError } from '../cloud-errors.ts';
import type { OperationCall, Prepared } from '../operation.ts';
import { leaseOf } from './get-object.ts';
import { type PicOperations, readPicOperations } from './pic-operations.ts';
import { compressTargets, demandTargets, discardTargets } from './picture-targets.ts';
import { changeOf } from './put-object.ts';
import { uploadResult } from './upload-result.ts';

/**
 * Process an object that is stored already: `POST /<key>?image_process`.
 * Source: COS documentation, "Persistent Image Processing".
 * @throws CloudError
 */
export async function prepareProcess(call: OperationCall, key: string): Promise<Prepared> {
  const operations = readPicOperations(call, key);
  if (operations === null) {
    throw new CloudError('InvalidPicOperations', 'Pic-Operations is missing.');
  }
  demandTargets(call, operations);
  return processStored(call, key, operations);
}

async function processStored(
  call: OperationCall,
  key: string,
  operations: PicOperations,
): Promise<Prepared> {
  const { object, path, release } = leaseOf(call, key);
  try {
    const processed = await compressTargets(call, operations, { ...object, path });
    const made = processed.targets.map((target) => target.object);
    const body = uploadResult(call.address, { key, content: object, operations, processed });
    return {
      decide: () => ({ status: 200, headers: {}, body, change: changeOf(call, made) }),
      abandon: () => discardTargets(call.state, made),
    };
  } finally {
    release();
  }
}
