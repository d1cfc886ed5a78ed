import { XMLParser, XMLValidator } from './xml-library.ts';

/** Why a text is not the XML we take: a short sentence without any of the text in it. */
export class StrictXmlError extends Error {
  override readonly name = 'StrictXmlError';
}

/** An element: its text, or its children by name, each name with all its elements in order. */
export type XmlElement = string | { readonly [name: string]: readonly XmlElement[] };

export interface XmlDocument {
  readonly rootName: string;
  readonly root: XmlElement;
}

// Entities stay as they are written and attributes are dropped: no value we read has either.
const parser = new XMLParser({
  processEntities: false,
  ignoreAttributes: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
  parseTagValue: false,
  trimValues: true,
  maxNestedTags: 16,
  isArray: () => true,
});

/** The documents we read have a few hundred bytes; the parser's time grows with their square. */
const MAX_BYTES = 16 * 1024;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Parse the small XML documents of the upstream: UTF-8, at most 16 KiB, one root, no document type,
 * no entity resolution.
 * @throws StrictXmlError
 */
export function parseStrictXml(bytes: Uint8Array): XmlDocument {
  const text = decode(bytes);
  if (/<!DOCTYPE/i.test(text)) throw new StrictXmlError('a document type is not taken');
  // The validator does not look behind an empty root.
  if (XMLValidator.validate(text) !== true || !text.trimEnd().endsWith('>')) {
    throw new StrictXmlError('it is not well-formed');
  }
  let document: Record<string, XmlElement[]>;
  try {
    document = parser.parse(text);
  } catch (error) {
    throw new StrictXmlError('it could not be parsed', { cause: error });
  }
  const [rootName, ...otherNames] = Object.keys(document);
  const [root, ...otherRoots] = rootName === undefined ? [] : (document[rootName] ?? []);
  if (rootName === undefined || root === undefined) throw new StrictXmlError('it has no root');
  if (otherNames.length + otherRoots.length > 0) throw new StrictXmlError('it has several roots');
  return { rootName, root };
}

function decode(bytes: Uint8Array): string {
  if (bytes.byteLength > MAX_BYTES) throw new StrictXmlError('it is too long');
  try {
    return utf8.decode(bytes);
  } catch {
    throw new StrictXmlError('it is not valid UTF-8');
  }
}

/** The elements of one name below an element, in order; none when the element is only text. */
export function childrenOf(element: XmlElement, name: string): readonly XmlElement[] {
  if (typeof element === 'string' || !Object.hasOwn(element, name)) return [];
  return element[name] ?? [];
}

/** The text of the one element of that name; null when it is absent, repeated or not text. */
export function textOf(element: XmlElement, name: string): string | null {
  const [child, ...others] = childrenOf(element, name);
  return typeof child === 'string' && others.length === 0 ? child : null;
}
