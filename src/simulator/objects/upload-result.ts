import type { BucketAddress } from '../bucket-address.ts';
import { bytesOf, urlEncode } from '../canonical-form.ts';
import { container, element } from '../xml-element.ts';
import type { PicOperations } from './pic-operations.ts';
import type { ProcessedTargets } from './picture-targets.ts';
import type { PictureInfo } from './process-picture.ts';
import { etagOf, type StoredObject } from './stored-object.ts';

/** What was processed, and what was made of it. */
export interface UploadFacts {
  readonly key: string;
  readonly content: Pick<StoredObject, 'md5'>;
  readonly operations: PicOperations;
  readonly processed: ProcessedTargets;
}

/**
 * The answer to `Pic-Operations`. Elements that only a look at the pixels could fill, like
 * `Quality` and `Ave`, are left out.
 * Source: COS documentation, "Persistent Image Processing", response body.
 */
export function uploadResult(address: BucketAddress, facts: UploadFacts): string {
  const { key, content, operations, processed } = facts;
  const { original, targets } = processed;
  const picture = operations.wantsPictureInfo
    ? [container('ImageInfo', pictureElements(original))]
    : [];
  const results = targets.map(({ object, picture: made }) =>
    container('Object', [
      ...placeElements(address, object.key),
      ...pictureElements(made),
      element('Size', String(object.content.bytes)),
      element('ETag', etagOf(object.content)),
    ]),
  );
  const root = container('UploadResult', [
    container('OriginalInfo', [
      ...placeElements(address, key),
      element('ETag', etagOf(content)),
      ...picture,
    ]),
    container('ProcessResults', results),
  ]);
  return `<?xml version="1.0" encoding="UTF-8" ?>${root}`;
}

function placeElements({ name, region }: BucketAddress, key: string): readonly string[] {
  const path = urlEncode(bytesOf(key)).replaceAll('%2F', '/');
  return [element('Key', key), element('Location', `${name}.cos.${region}.myqcloud.com/${path}`)];
}

function pictureElements({ format, width, height }: PictureInfo): readonly string[] {
  return [
    element('Format', format),
    element('Width', String(width)),
    element('Height', String(height)),
  ];
}
