import { CloudError } from '../cloud-errors.ts';
import { type Change, emptyOutcome, type OperationCall, type Prepared } from '../operation.ts';
import { demandLength, headerOf } from '../read-request.ts';
import { keptHeaders } from './object-headers.ts';
import { readPicOperations } from './pic-operations.ts';
import { compressTargets, demandTargets, discardTargets } from './picture-targets.ts';
import { MAX_OBJECT_BYTES, type ReceivedContent, receiveContent } from './receive-content.ts';
import { etagOf, type StoredObject } from './stored-object.ts';
import { uploadResult } from './upload-result.ts';

/** What is to become an object. */
export interface NewObject {
  readonly key: string;
  readonly content: ReceivedContent;
  readonly headers: StoredObject['headers'];
}

/**
 * Receive an object, and with `Pic-Operations` what is made of it; all become visible, or none.
 * Source: COS documentation, "PUT Object" and "Persistent Image Processing".
 * @throws CloudError
 */
export async function preparePut(call: OperationCall, key: string): Promise<Prepared> {
  const { request, state, stream } = call;
  demandLength(request);
  if (Number(headerOf(request, 'content-length') ?? 0) > MAX_OBJECT_BYTES) {
    throw new CloudError('EntityTooLarge');
  }
  const headers = keptHeaders(request);
  const operations = readPicOperations(call, key);
  if (operations !== null) demandTargets(call, operations);
  const content = await receiveContent(state.objects, stream);
  const uploaded = { key, content, headers };
  const answerHeaders = { ETag: etagOf(content), 'x-cos-hash-crc64ecma': content.crc64 };
  if (operations === null) {
    return {
      decide: () => emptyOutcome(200, answerHeaders, changeOf(call, [uploaded])),
      abandon: () => state.objects.discard(content.content),
    };
  }
  try {
    const processed = await compressTargets(call, operations, content);
    const made = processed.targets.map(({ object }) => object);
    const body = uploadResult(call.address, { key, content, operations, processed });
    return {
      decide: () => ({
        ...emptyOutcome(200, answerHeaders, changeOf(call, [uploaded, ...made])),
        body,
      }),
      abandon: () => discardTargets(state, [uploaded, ...made]),
    };
  } catch (error) {
    await state.objects.discard(content.content);
    throw error;
  }
}

/** Put objects in place; of several with one key it is the last. */
export function changeOf({ state, address }: OperationCall, objects: readonly NewObject[]): Change {
  const lastModified = state.now().toISOString();
  const byKey = new Map(objects.map((object) => [object.key, object]));
  const surplus = objects.filter((object) => byKey.get(object.key) !== object);
  return {
    seen: {
      changedTo: null,
      objects: [...byKey.values()].map(({ key, content: { bytes, md5 } }) => ({
        key,
        put: { bytes, md5 },
      })),
    },
    async apply() {
      for (const { key, headers, content } of byKey.values()) {
        const { path: _, ...facts } = content;
        const place = { bucket: address.name, region: address.region, key };
        await state.objects.put({ ...place, ...facts, headers, lastModified });
      }
      await discardTargets(state, surplus);
    },
  };
}
