import { CloudError } from '../cloud-errors.ts';
import { type CloudRequest, headerOf, paramOf } from '../read-request.ts';
import { etagOf, type StoredObject } from './stored-object.ts';

/** What an upload may say about its object, to be said again with each download. */
const KEPT_HEADERS = [
  'Cache-Control',
  'Content-Disposition',
  'Content-Encoding',
  'Content-Language',
  'Content-Type',
  'Expires',
] as const;

const METADATA = 'x-cos-meta-';
/** Names and values together. Source: COS documentation, "Custom Headers". */
const MAX_METADATA_BYTES = 2048;

/** What can't be kept is not silently dropped; by name, with the values that ask for nothing. */
const UNOFFERED_HEADERS: ReadonlyMap<string, readonly string[]> = new Map([
  ['x-cos-acl', ['private', 'default']],
  ['x-cos-copy-source', []],
  ['x-cos-forbid-overwrite', ['false']],
  ['x-cos-grant-full-control', []],
  ['x-cos-grant-read', []],
  ['x-cos-grant-read-acp', []],
  ['x-cos-grant-write-acp', []],
  ['x-cos-server-side-encryption', []],
  ['x-cos-server-side-encryption-customer-algorithm', []],
  ['x-cos-storage-class', ['STANDARD']],
  ['x-cos-tagging', []],
]);

/**
 * The headers of an upload that are kept with its object.
 * Source: COS documentation, "PUT Object", request headers.
 * @throws CloudError `NotImplemented` for what this stand-in has not, `InvalidArgument` for more
 * than 2 KB of metadata
 */
export function keptHeaders(request: CloudRequest): Readonly<Record<string, string>> {
  for (const [name, harmless] of UNOFFERED_HEADERS) {
    const value = headerOf(request, name);
    if (value !== undefined && !harmless.includes(value)) {
      throw new CloudError('NotImplemented', `${name} is not offered here.`);
    }
  }
  const metadata = request.headers
    .map(([name]) => name.toLowerCase())
    .filter((name) => name.startsWith(METADATA));
  const kept = [...KEPT_HEADERS, ...metadata].flatMap((name) => {
    const value = headerOf(request, name.toLowerCase());
    return value === undefined ? [] : [[name, value] as const];
  });
  const bytes = kept
    .filter(([name]) => name.startsWith(METADATA))
    .reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (bytes > MAX_METADATA_BYTES) {
    throw new CloudError('InvalidArgument', 'The metadata has more than 2 KB.');
  }
  return { 'Content-Type': 'application/octet-stream', ...Object.fromEntries(kept) };
}

/** The headers that describe an object, in each answer that has to do with it. */
export function objectHeaders(object: StoredObject): Readonly<Record<string, string>> {
  return {
    ...object.headers,
    'Accept-Ranges': 'bytes',
    ETag: etagOf(object),
    'Last-Modified': new Date(object.lastModified).toUTCString(),
    'x-cos-hash-crc64ecma': object.crc64,
  };
}

/**
 * What a download wants its headers to be.
 * Source: COS documentation, "GET Object", `response-…` parameters.
 * @throws CloudError `InvalidArgument` for a value that no header can carry
 */
export function overriddenHeaders(request: CloudRequest): Readonly<Record<string, string>> {
  const wanted = KEPT_HEADERS.flatMap((name) => {
    const value = paramOf(request, `response-${name.toLowerCase()}`);
    return value === undefined ? [] : [[name, value] as const];
  });
  if (wanted.some(([, value]) => /[^\t\x20-\x7e\x80-\xff]/.test(value))) {
    throw new CloudError('InvalidArgument', 'A header cannot carry a control character.');
  }
  return Object.fromEntries(wanted);
}
