import type { IncomingMessage } from 'node:http';

/**
 * The values of all fields of a name, as they came: of a repeated one Node's `headers` has the first
 * alone, and its `headersDistinct` sorts all others as well.
 * @param name in lower case
 */
export function fieldsOf({ rawHeaders }: IncomingMessage, name: string): string[] {
  const values: string[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const field = rawHeaders[at] ?? '';
    if (field.length !== name.length || field.toLowerCase() !== name) continue;
    values.push(rawHeaders[at + 1] ?? '');
  }
  return values;
}
