import { type FieldError, GatewayError } from '../errors.ts';

/** Source: COS documentation, object naming. */
const MAX_KEY_BYTES = 850;
/** What one text can mean one thing with: a `+` could be a blank, and is refused. */
const QUERY_TEXT = /^(?:[A-Za-z0-9\-._~/!$'()*,:;@?]|%[0-9A-Fa-f]{2})+$/;

/**
 * Read the object keys of a query string, `key=a.jpg&key=b.png`, strictly.
 * @throws GatewayError `query-invalid`
 */
export function parseObjectKeys(query: string, maxKeys: number): readonly string[] {
  const pairs = query === '' ? [] : query.split('&');
  if (pairs.length === 0) throw invalid('name at least one object, like `?key=photos/a.jpg`');
  if (pairs.length > maxKeys) throw invalid(`name at most ${maxKeys} objects`);
  const keys = pairs.map(parseObjectKey);
  const repeated = indexOfRepeated(keys);
  if (repeated >= 0) throw invalid(`parameter ${repeated + 1} repeats a key; name each once`);
  return keys;
}

/**
 * Hold the keys of a question against the same rules.
 * @throws GatewayError `body-invalid` at the first fault’s place in `keys`
 */
export function requireObjectKeys(keys: readonly string[], maxKeys: number): void {
  if (keys.length > maxKeys) throw invalidMember('/keys', `must name at most ${maxKeys} objects`);
  keys.forEach((key, index) => {
    const fault = key === '' ? 'is empty' : faultOf(key);
    if (fault !== null) throw invalidMember(`/keys/${index}`, fault);
  });
  const repeated = indexOfRepeated(keys);
  if (repeated >= 0) throw invalidMember(`/keys/${repeated}`, 'repeats a key; name each once');
}

function indexOfRepeated(keys: readonly string[]): number {
  return keys.findIndex((key, index) => keys.indexOf(key) < index);
}

function parseObjectKey(pair: string, index: number): string {
  const refuse = (what: string) => invalid(`parameter ${index + 1} ${what}`);
  if (!pair.startsWith('key=')) throw refuse('is not `key`, the only one that is taken');
  const text = pair.slice('key='.length);
  if (!QUERY_TEXT.test(text)) throw refuse('is empty or not percent-encoded (a blank is `%20`)');
  const key = decoded(text);
  if (key === null) throw refuse('is not UTF-8');
  const fault = faultOf(key);
  if (fault !== null) throw refuse(fault);
  return key;
}

function faultOf(key: string): string | null {
  if (!key.isWellFormed()) return 'is not UTF-8';
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) return `is longer than ${MAX_KEY_BYTES} bytes`;
  if (/\p{Cc}/u.test(key)) return 'has a control character';
  // INVARIANT: no proxy and no store may read another key out of it than the one that was decided.
  const isAmbiguous =
    key.startsWith('/') || key.split('/').some((part) => part === '.' || part === '..');
  return isAmbiguous ? 'begins with a slash, or has `.` or `..` between slashes' : null;
}

/** @returns null for bytes that are not UTF-8 */
function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

function invalid(detail: string): GatewayError {
  return new GatewayError('query-invalid', detail);
}

function invalidMember(pointer: string, detail: string): GatewayError {
  const errors: FieldError[] = [{ pointer, detail }];
  return new GatewayError('body-invalid', `${pointer} ${detail}`, { errors });
}
