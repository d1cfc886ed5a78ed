import { z } from 'zod';
import { parseStrictJsonText, StrictJsonError } from '../../strict-json.ts';
import { bytesOf, textOf, urlDecode } from '../canonical-form.ts';
import { CloudError } from '../cloud-errors.ts';
import type { OperationCall } from '../operation.ts';
import { headerOf } from '../read-request.ts';
import { objectKeyOf } from './object-key.ts';

/** What `Pic-Operations` asks for. */
export interface PicOperations {
  /** Whether to tell about the original picture. */
  readonly wantsPictureInfo: boolean;
  /** The keys that the results are to have, one for each rule. */
  readonly targets: readonly string[];
}

/** Source: COS documentation, "Persistent Image Processing", Pic-Operations. */
const picOperationsSchema = z.strictObject({
  is_pic_info: z.literal([0, 1]).default(0),
  rules: z
    .array(
      z.strictObject({
        fileid: z.string().min(1),
        rule: z.string().min(1),
        bucket: z.string().optional(),
      }),
    )
    .min(1)
    .max(5),
});

/**
 * Read the header; null when there is none.
 * @param key of the object that is processed
 * @throws CloudError `InvalidPicOperations`, `NotImplemented` for other rules than `imageSlim`
 */
export function readPicOperations({ request, address }: OperationCall, key: string) {
  const header = headerOf(request, 'pic-operations');
  if (header === undefined) return null;
  const { is_pic_info, rules } = parse(textOf(header));
  for (const { rule, bucket = address.name } of rules) {
    if (rule !== 'imageSlim' || bucket !== address.name) {
      throw new CloudError('NotImplemented', 'The only rule is imageSlim, into the same bucket.');
    }
  }
  const targets = rules.map(({ fileid }) => targetOf(fileid, key));
  if (new Set(targets).size < targets.length) {
    throw new CloudError('InvalidPicOperations', 'Pic-Operations is not valid: a fileid repeats.');
  }
  return { wantsPictureInfo: is_pic_info === 1, targets } satisfies PicOperations;
}

function parse(text: string): z.output<typeof picOperationsSchema> {
  try {
    return picOperationsSchema.parse(parseStrictJsonText(text));
  } catch (error) {
    if (error instanceof z.ZodError || error instanceof StrictJsonError) {
      throw new CloudError('InvalidPicOperations');
    }
    throw error;
  }
}

/** Absolute with a slash in front, else beside the object. */
function targetOf(fileid: string, key: string): string {
  const decoded = urlDecode(bytesOf(fileid));
  if (decoded === null) {
    throw new CloudError('InvalidPicOperations', 'Pic-Operations is not valid: a fileid is torn.');
  }
  if (decoded.startsWith('/')) return objectKeyOf(decoded);
  return objectKeyOf(`/${bytesOf(key.slice(0, key.lastIndexOf('/') + 1))}${decoded}`);
}
