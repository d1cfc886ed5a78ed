import type { Pair } from './canonical-form.ts';
import { CloudError } from './cloud-errors.ts';
import { type CloudRequest, headerOf } from './read-request.ts';

/** A validity window: the text that is hashed, and its ends in Unix seconds. */
export interface TimeWindow {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** What a request states about its signature; nothing of it is verified. */
export interface SignatureClaim {
  readonly secretId: string;
  readonly algorithm: string;
  readonly signTime: TimeWindow;
  readonly keyTime: TimeWindow;
  readonly headerList: readonly string[];
  readonly urlParamList: readonly string[];
  readonly signature: string;
}

/** Source: COS documentation, "Request Signature", the step on Authorization. */
const FIELDS: ReadonlySet<string> = new Set([
  'q-sign-algorithm',
  'q-ak',
  'q-sign-time',
  'q-key-time',
  'q-header-list',
  'q-url-param-list',
  'q-signature',
]);

/** Whether a query parameter is part of a query-string signature, which can’t cover itself. */
export function isSignatureField(name: string): boolean {
  return FIELDS.has(name);
}

/**
 * Read the seven fields from the Authorization header or from the query string.
 * @throws CloudError `AccessDenied` when there is none, `InvalidArgument` when there are both or a
 * field is missing, repeated, unknown or malformed
 */
export function readAuthorization(request: CloudRequest): SignatureClaim {
  const fields = new Map(fieldPairs(request));
  const read = (name: string) => fields.get(name) ?? '';
  return {
    secretId: read('q-ak'),
    algorithm: read('q-sign-algorithm'),
    signTime: readWindow('q-sign-time', read('q-sign-time')),
    keyTime: readWindow('q-key-time', read('q-key-time')),
    headerList: readList(read('q-header-list')),
    urlParamList: readList(read('q-url-param-list')),
    signature: read('q-signature'),
  };
}

function fieldPairs(request: CloudRequest): readonly Pair[] {
  const header = headerOf(request, 'authorization');
  const inQuery = request.params.filter(([name]) => isSignatureField(name));
  if (header === undefined && inQuery.length === 0) throw new CloudError('AccessDenied');
  if (header !== undefined && inQuery.length > 0) {
    throw new CloudError('InvalidArgument', 'The request is signed in a header and in its query.');
  }
  const pairs = header === undefined ? inQuery : header.split('&').map(splitField);
  const names = new Set(pairs.map(([name]) => name));
  if (pairs.length !== FIELDS.size || ![...FIELDS].every((field) => names.has(field))) {
    throw new CloudError('InvalidArgument', 'Authorization is not exactly its seven fields.');
  }
  return pairs;
}

function splitField(field: string): Pair {
  const at = field.indexOf('=');
  return at < 0 ? [field, ''] : [field.slice(0, at), field.slice(at + 1)];
}

function readWindow(name: string, text: string): TimeWindow {
  const [, start, end] = /^([0-9]{1,12});([0-9]{1,12})$/.exec(text) ?? [];
  if (start === undefined || end === undefined || Number(start) >= Number(end)) {
    throw new CloudError('InvalidArgument', `${name} is not a start and a later end.`);
  }
  return { text, start: Number(start), end: Number(end) };
}

function readList(text: string): readonly string[] {
  return text === '' ? [] : text.split(';');
}
