import { CloudError } from '../cloud-errors.ts';
import { type CloudRequest, headerOf } from '../read-request.ts';
import { etagOf, type StoredObject } from './stored-object.ts';

/**
 * Whether an object has to be sent, or the one the client has is still good.
 * Source: RFC 9110, 13.2.2; COS documentation, "GET Object", request headers.
 * @throws CloudError `PreconditionFailed`
 */
export function isModified(request: CloudRequest, object: StoredObject): boolean {
  const ifMatch = headerOf(request, 'if-match');
  const ifUnmodifiedSince = headerOf(request, 'if-unmodified-since');
  const isStale =
    ifMatch !== undefined
      ? !namesEtag(ifMatch, object, { takesWeak: false })
      : isLaterThan(object, ifUnmodifiedSince) === true;
  if (isStale) throw new CloudError('PreconditionFailed');
  const ifNoneMatch = headerOf(request, 'if-none-match');
  if (ifNoneMatch !== undefined) return !namesEtag(ifNoneMatch, object, { takesWeak: true });
  return isLaterThan(object, headerOf(request, 'if-modified-since')) !== false;
}

/** Whether a range may be answered with a part: it may not when it is of another version. */
export function isRangeCurrent(request: CloudRequest, object: StoredObject): boolean {
  const ifRange = headerOf(request, 'if-range');
  if (ifRange === undefined) return true;
  const isDate = !Number.isNaN(Date.parse(ifRange));
  return isDate
    ? isLaterThan(object, ifRange) === false
    : namesEtag(ifRange, object, { takesWeak: false });
}

/** Quotes may be missing: not every client keeps them. */
function namesEtag(
  list: string,
  object: StoredObject,
  { takesWeak }: { takesWeak: boolean },
): boolean {
  const tags = list.split(',').map((tag) => tag.trim());
  const known = takesWeak ? tags.map((tag) => tag.replace(/^W\//, '')) : tags;
  return known.some((tag) => tag === '*' || tag === etagOf(object) || tag === object.md5);
}

/** Null when there is no date, or none that can be read. Dates of HTTP have whole seconds. */
function isLaterThan({ lastModified }: StoredObject, date: string | undefined): boolean | null {
  const time = Date.parse(date ?? '');
  if (Number.isNaN(time)) return null;
  return Math.floor(Date.parse(lastModified) / 1000) > Math.floor(time / 1000);
}
