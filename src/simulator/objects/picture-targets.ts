import type { CloudState, OperationCall } from '../operation.ts';
import type { PicOperations } from './pic-operations.ts';
import { compressPicture, type PictureInfo, readPicture } from './process-picture.ts';
import type { NewObject } from './put-object.ts';
import type { ReceivedContent } from './receive-content.ts';
import { demandApiMode } from './slim-access.ts';

/** What was made of a picture. */
export interface ProcessedTargets {
  readonly original: PictureInfo;
  readonly targets: readonly { readonly object: NewObject; readonly picture: PictureInfo }[];
}

/**
 * Source: COS documentation, "Persistent Image Processing", permissions: each result is an object
 * that the caller puts.
 * @throws CloudError `AccessDenied`, `UpsAppNotExist`, `NoProcessAuthority`
 */
export function demandTargets(call: OperationCall, { targets }: PicOperations): void {
  for (const key of targets) call.demand('cos:PutObject', key);
  demandApiMode(call);
}

/** @throws CloudError `ImageTooLarge`, `InvalidImageFormat`; nothing is left then */
export async function compressTargets(
  { state }: OperationCall,
  { targets }: PicOperations,
  original: Pick<ReceivedContent, 'path' | 'bytes' | 'sha256'>,
): Promise<ProcessedTargets> {
  const picture = await readPicture(original);
  const made: { object: NewObject; picture: PictureInfo }[] = [];
  try {
    for (const key of targets) {
      const { content, contentType } = await compressPicture(state, original, picture);
      made.push({ object: { key, content, headers: { 'Content-Type': contentType } }, picture });
    }
  } catch (error) {
    await discardTargets(
      state,
      made.map(({ object }) => object),
    );
    throw error;
  }
  return { original: picture, targets: made };
}

/** Remove the contents of what has become no object. */
export async function discardTargets(
  { objects }: CloudState,
  unused: readonly NewObject[],
): Promise<void> {
  await Promise.all(unused.map(({ content }) => objects.discard(content.content)));
}
