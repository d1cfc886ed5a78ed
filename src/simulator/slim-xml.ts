import { XMLParser, XMLValidator } from '../xml-library.ts';
import { CloudError } from './cloud-errors.ts';
import { hasAuto, type SlimSetting, slimModeSchema, suffixSchema } from './slim-setting.ts';
import { element } from './xml-element.ts';

/** A node as fast-xml-parser gives it with `preserveOrder`: one name, its children. */
type XmlNode = Readonly<Record<string, unknown>>;

const TEXT = '#text';
const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  parseTagValue: false,
  trimValues: false,
  processEntities: false,
});
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Read the body of a PUT: the documented shape and nothing else.
 * Source: Cloud Infinite documentation, enabling smart compression, request body.
 * @throws CloudError `MissingRequestBodyError`, `MalformedXML` for another shape, `InvalidArgument`
 * for another value
 */
export function readSlimSetting(body: Buffer): SlimSetting {
  if (body.length === 0) throw new CloudError('MissingRequestBodyError');
  const children = elementsOf(readRoot(body), ['SlimMode', 'Suffixs']);
  const [modeNode, ...otherModes] = children.filter((node) => 'SlimMode' in node);
  const [suffixsNode, ...otherSuffixs] = children.filter((node) => 'Suffixs' in node);
  if (modeNode === undefined) throw malformed('SlimMode is missing');
  if (otherModes.length + otherSuffixs.length > 0) throw malformed('an element is repeated');
  const mode = slimModeSchema.safeParse(leafText(modeNode, 'SlimMode'));
  if (!mode.success) throw new CloudError('InvalidArgument', 'SlimMode is not API, Auto or both.');
  const suffixs = suffixsNode === undefined ? [] : elementsOf(suffixsNode.Suffixs, ['Suffix']);
  const texts = suffixs.map((node) => leafText(node, 'Suffix'));
  // Without Auto the suffixes are without effect, whatever they say.
  const suffixes = hasAuto(mode.data) ? readSuffixes(texts) : [];
  return { status: 'on', mode: mode.data, suffixes };
}

/** Source: Cloud Infinite documentation, querying smart compression, response body. */
export function writeSlimSetting({ status, mode, suffixes }: SlimSetting): string {
  const items = suffixes.map((suffix) => element('Suffix', suffix)).join('');
  const children = [
    element('Status', status),
    mode === null ? '' : element('SlimMode', mode),
    items === '' ? '' : `<Suffixs>${items}</Suffixs>`,
  ];
  return `<?xml version="1.0" encoding="UTF-8" ?><ImageSlim>${children.join('')}</ImageSlim>`;
}

/** Source: COS documentation, "Error Codes", response body. */
export function writeError(elements: Readonly<Record<string, string>>): string {
  const children = Object.entries(elements).map(([name, text]) => element(name, text));
  return `<?xml version='1.0' encoding='utf-8' ?><Error>${children.join('')}</Error>`;
}

function readRoot(body: Buffer): unknown {
  let nodes: XmlNode[];
  try {
    const text = utf8.decode(body);
    // Neither document types, CDATA and comments nor entities are part of the documented shape.
    if (/<!|&/.test(text) || XMLValidator.validate(text) !== true) throw malformed('not plain XML');
    nodes = parser.parse(text);
  } catch {
    throw malformed('it is not well-formed, or has more than plain elements');
  }
  const [root, ...others] = nodes.filter((node) => !('?xml' in node));
  if (root === undefined || others.length > 0 || !('ImageSlim' in root) || ':@' in root) {
    throw malformed('the root is not ImageSlim');
  }
  return root.ImageSlim;
}

/** The child elements, when there is nothing but white space beside them. */
function elementsOf(children: unknown, names: readonly string[]): readonly XmlNode[] {
  const nodes = nodesOf(children);
  const elements = nodes.filter((node) => !(TEXT in node));
  const texts = nodes.filter((node) => TEXT in node).map((node) => String(node[TEXT]));
  const isKnown = elements.every((node) => Object.keys(node).every((name) => names.includes(name)));
  if (!isKnown || texts.join('').trim() !== '') throw malformed('an element is not expected');
  return elements;
}

function leafText(node: XmlNode, name: string): string {
  const children = nodesOf(node[name]);
  if (!children.every((child) => TEXT in child)) throw malformed(`${name} is not a text`);
  return children.map((child) => String(child[TEXT])).join('');
}

function nodesOf(children: unknown): readonly XmlNode[] {
  return Array.isArray(children) ? children : [];
}

function readSuffixes(texts: readonly string[]): SlimSetting['suffixes'] {
  const suffixes = suffixSchema.array().min(1).safeParse(texts);
  if (!suffixes.success || new Set(texts).size < texts.length) {
    throw new CloudError('InvalidArgument', 'Auto needs suffixes, each jpg, png or gif, and once.');
  }
  return suffixes.data;
}

function malformed(fault: string): CloudError {
  return new CloudError('MalformedXML', `The body is not the XML expected: ${fault}.`);
}
