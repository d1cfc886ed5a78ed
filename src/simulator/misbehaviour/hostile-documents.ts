import type { Answer } from '../write-answer.ts';

/** The typing mistake of the documentation's own sample. */
export const NOT_WELL_FORMED = '<ImageSlim><Status>on</Status><SlimMode>API</SimMode></ImageSlim>';

/** Entities that multiply, and one that leads to a file. */
export function documentType(): string {
  const entities = Array.from({ length: 9 }, (_, at) => {
    const text = at === 0 ? 'slim' : `&e${at - 1};`.repeat(10);
    return `<!ENTITY e${at} "${text}">`;
  });
  const outside = '<!ENTITY outside SYSTEM "file:///etc/hostname">';
  const type = `<!DOCTYPE ImageSlim [${entities.join('')}${outside}]>`;
  return `${type}<ImageSlim><Status>&e8;</Status><SlimMode>&outside;</SlimMode></ImageSlim>`;
}

/** Well-formed, and nothing but depth. */
export function nested(levels: number): string {
  return `${'<a>'.repeat(levels)}${'</a>'.repeat(levels)}`;
}

/** Put a document in place of an answer's own, which may have had none. */
export function withDocument(answer: Answer, body: string): Answer {
  const { 'Content-Length': _, ...headers } = answer.headers;
  const status = answer.status === 204 || answer.status === 304 ? 200 : answer.status;
  return { status, headers: { ...headers, 'Content-Type': 'application/xml' }, body };
}
