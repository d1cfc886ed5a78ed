import fc from 'fast-check';
import { expect, test } from 'vitest';
import { childrenOf, parseStrictXml, StrictXmlError, textOf } from '../src/strict-xml.ts';

const parse = (xml: string) => parseStrictXml(Buffer.from(xml));

test('a document is its root, with children in order and without attributes', () => {
  const { rootName, root } = parse(
    '<?xml version="1.0"?><R a="b"><C>1</C><D/><C d="e"> 2 </C></R>',
  );
  expect(rootName).toBe('R');
  expect(childrenOf(root, 'C')).toEqual(['1', '2']);
  expect(childrenOf(root, 'D')).toEqual(['']);
  expect(childrenOf(root, 'E')).toEqual([]);
});

test('a text is told only when there is exactly one', () => {
  const { root } = parse('<R><A>1</A><B>1</B><B>2</B><C><D/></C></R>');
  expect(textOf(root, 'A')).toBe('1');
  expect(textOf(root, 'B')).toBeNull();
  expect(textOf(root, 'C')).toBeNull();
  expect(textOf(root, 'E')).toBeNull();
  expect(textOf('text', 'A')).toBeNull();
});

test('a value stays the text that it is', () => {
  const { root } = parse('<R><A>007</A><B>true</B><C>1e3</C><D>&lt;&amp;&#65;</D></R>');
  expect(['A', 'B', 'C', 'D'].map((name) => textOf(root, name))).toEqual([
    '007',
    'true',
    '1e3',
    '&lt;&amp;&#65;',
  ]);
});

test('a name that every object has is only there when it is written', () => {
  const { root } = parse('<R><A/></R>');
  for (const name of ['toString', 'constructor', '__proto__', 'hasOwnProperty']) {
    expect(childrenOf(root, name)).toEqual([]);
  }
  expect({}).not.toHaveProperty('polluted');
});

const REFUSED: Readonly<Record<string, string | Uint8Array>> = {
  nothing: '',
  blanks: ' \n ',
  'text only': 'text',
  'a declaration only': '<?xml version="1.0"?>',
  'a comment only': '<!-- a -->',
  'a document type': '<!DOCTYPE R><R/>',
  'a document type in lower case': '<!doctype r><R/>',
  'an internal subset': '<!DOCTYPE R [<!ENTITY a "b">]><R>&a;</R>',
  'an external subset': '<!DOCTYPE R SYSTEM "http://evil.example/r.dtd"><R/>',
  'an open root': '<R>',
  'a wrong end': '<R><A></R></A>',
  'an end too many': '<R/></R>',
  'two roots': '<R/><R/>',
  'two roots of two names': '<R/><S/>',
  'text before the root': 'a<R/>',
  'text behind the root': '<R/>a',
  'an attribute twice': '<R a="1" a="2"/>',
  'an attribute without quotes': '<R a=1/>',
  'an attribute without value': '<R a/>',
  'a name with a digit first': '<1R/>',
  'an open comment': '<R><!-- </R>',
  'an open CDATA section': '<R><![CDATA[ </R>',
  'seventeen levels and more': `${'<a>'.repeat(40)}${'</a>'.repeat(40)}`,
  'the name of a prototype': '<R><__proto__><polluted>1</polluted></__proto__></R>',
  'bytes that are not UTF-8': Buffer.from('<R>\xff</R>', 'latin1'),
  'UTF-16': Buffer.from('<R/>', 'utf16le'),
  'more than 16 KiB': `<R>${' '.repeat(16 * 1024)}</R>`,
};

test.each(Object.entries(REFUSED))('a document is refused: %s', (_, xml) => {
  expect(() => parseStrictXml(Buffer.from(xml))).toThrow(StrictXmlError);
});

test('a refusal repeats nothing of the document', () => {
  for (const xml of ['<canary>', '<canary a=canary/>', '<!DOCTYPE canary><R/>', 'canary']) {
    expect(() => parse(xml)).toThrow(expect.not.stringContaining('canary'));
  }
});

test('whatever comes, it is a document or one kind of error', () => {
  const piece = fc.constantFrom(
    ...[
      '<',
      '>',
      '</',
      '/>',
      '<R>',
      '</R>',
      '<!--',
      '-->',
      '<![CDATA[',
      ']]>',
      '<?',
      '?>',
      '&',
      ';',
    ],
    ...['"', "'", '=', ' ', '\0', 'a', '<!', '__proto__', '#', '\ufeff', '<A b="c">', '</A>'],
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      try {
        expect(parse(pieces.join('')).rootName).toMatch(/./);
      } catch (error) {
        expect(error).toBeInstanceOf(StrictXmlError);
      }
    }),
    { numRuns: 2000 },
  );
});
