import { expect, test } from 'vitest';
import { readSlimSetting, writeError, writeSlimSetting } from '../../src/simulator/slim-xml.ts';

function slim(inner: string): string {
  return `<ImageSlim>${inner}</ImageSlim>`;
}

const auto = (suffixs: string) => slim(`<SlimMode>Auto</SlimMode><Suffixs>${suffixs}</Suffixs>`);

const READ: readonly { name: string; xml: string; mode: string; suffixes: string[] }[] = [
  { name: 'API alone', xml: slim('<SlimMode>API</SlimMode>'), mode: 'API', suffixes: [] },
  {
    name: 'the sample of the documentation',
    xml: '<?xml version="1.0" encoding="UTF-8" ?>\n<ImageSlim>\n  <SlimMode>Auto,API</SlimMode>\n  <Suffixs>\n    <Suffix>jpg</Suffix>\n    <Suffix>png</Suffix>\n  </Suffixs>\n</ImageSlim>\n',
    mode: 'Auto,API',
    suffixes: ['jpg', 'png'],
  },
  {
    name: 'the modes in the other order',
    xml: slim('<SlimMode>API,Auto</SlimMode><Suffixs><Suffix>gif</Suffix></Suffixs>'),
    mode: 'API,Auto',
    suffixes: ['gif'],
  },
  {
    name: 'API with suffixes, which are without effect',
    xml: slim('<SlimMode>API</SlimMode><Suffixs><Suffix>jpg</Suffix></Suffixs>'),
    mode: 'API',
    suffixes: [],
  },
  {
    name: 'API with the empty suffix that a known client sends',
    xml: slim('<SlimMode>API</SlimMode><Suffixs><Suffix></Suffix></Suffixs>'),
    mode: 'API',
    suffixes: [],
  },
];

test.each(READ)('$name is read', ({ xml, mode, suffixes }) => {
  expect(readSlimSetting(Buffer.from(xml))).toEqual({ status: 'on', mode, suffixes });
});

const REFUSED: readonly { name: string; xml: string; code: string }[] = [
  { name: 'nothing', xml: '', code: 'MissingRequestBodyError' },
  { name: 'white space', xml: ' \n', code: 'MalformedXML' },
  { name: 'JSON', xml: '{"SlimMode":"API"}', code: 'MalformedXML' },
  {
    name: 'the slip of the documentation',
    xml: slim('<SlimMode>API</SimMode>'),
    code: 'MalformedXML',
  },
  {
    name: 'another root',
    xml: '<imageSlim><SlimMode>API</SlimMode></imageSlim>',
    code: 'MalformedXML',
  },
  { name: 'two roots', xml: slim('<SlimMode>API</SlimMode>').repeat(2), code: 'MalformedXML' },
  {
    name: 'an attribute',
    xml: '<ImageSlim a="b"><SlimMode>API</SlimMode></ImageSlim>',
    code: 'MalformedXML',
  },
  {
    name: 'an attribute within',
    xml: slim('<SlimMode a="b">API</SlimMode>'),
    code: 'MalformedXML',
  },
  {
    name: 'a document type',
    xml: `<!DOCTYPE a [<!ENTITY e "API">]>${slim('<SlimMode>&e;</SlimMode>')}`,
    code: 'MalformedXML',
  },
  { name: 'an entity', xml: slim('<SlimMode>A&#80;I</SlimMode>'), code: 'MalformedXML' },
  { name: 'CDATA', xml: slim('<SlimMode><![CDATA[API]]></SlimMode>'), code: 'MalformedXML' },
  { name: 'a comment', xml: slim('<!-- --><SlimMode>API</SlimMode>'), code: 'MalformedXML' },
  { name: 'an instruction', xml: slim('<?a b?><SlimMode>API</SlimMode>'), code: 'MalformedXML' },
  {
    name: 'text beside the elements',
    xml: slim('x<SlimMode>API</SlimMode>'),
    code: 'MalformedXML',
  },
  { name: 'the older Status', xml: slim('<Status>on</Status>'), code: 'MalformedXML' },
  { name: 'no mode', xml: slim('<Suffixs><Suffix>jpg</Suffix></Suffixs>'), code: 'MalformedXML' },
  { name: 'two modes', xml: slim('<SlimMode>API</SlimMode>'.repeat(2)), code: 'MalformedXML' },
  {
    name: 'two lists of suffixes',
    xml: auto('<Suffix>jpg</Suffix></Suffixs><Suffixs><Suffix>png</Suffix>'),
    code: 'MalformedXML',
  },
  { name: 'an element as mode', xml: slim('<SlimMode><a/></SlimMode>'), code: 'MalformedXML' },
  {
    name: 'Suffixes',
    xml: auto('<Suffix>jpg</Suffix>').replaceAll('Suffixs', 'Suffixes'),
    code: 'MalformedXML',
  },
  {
    name: 'a name of the prototype',
    xml: slim('<constructor>x</constructor>'),
    code: 'MalformedXML',
  },
  { name: 'an empty mode', xml: slim('<SlimMode/>'), code: 'InvalidArgument' },
  { name: 'a mode in lower case', xml: slim('<SlimMode>api</SlimMode>'), code: 'InvalidArgument' },
  { name: 'a mode with spaces', xml: slim('<SlimMode> API </SlimMode>'), code: 'InvalidArgument' },
  { name: 'a mode twice', xml: slim('<SlimMode>API,API</SlimMode>'), code: 'InvalidArgument' },
  { name: 'Auto alone', xml: slim('<SlimMode>Auto</SlimMode>'), code: 'InvalidArgument' },
  { name: 'Auto without a suffix', xml: auto(''), code: 'InvalidArgument' },
  { name: 'jpeg', xml: auto('<Suffix>jpeg</Suffix>'), code: 'InvalidArgument' },
  { name: 'JPG', xml: auto('<Suffix>JPG</Suffix>'), code: 'InvalidArgument' },
  { name: 'an empty suffix', xml: auto('<Suffix></Suffix>'), code: 'InvalidArgument' },
  { name: 'a suffix twice', xml: auto('<Suffix>jpg</Suffix>'.repeat(2)), code: 'InvalidArgument' },
];

test.each(REFUSED)('$name is refused with $code', ({ xml, code }) => {
  expect(() => readSlimSetting(Buffer.from(xml))).toThrow(expect.objectContaining({ code }));
});

test('a body that is not UTF-8 is refused', () => {
  const latin1 = Buffer.from(slim('<SlimMode>API\u00e9</SlimMode>'), 'latin1');
  expect(() => readSlimSetting(latin1)).toThrow(expect.objectContaining({ code: 'MalformedXML' }));
});

const declaration = '<?xml version="1.0" encoding="UTF-8" ?>';

test('a setting is written with its status first and without what it has not', () => {
  const on = writeSlimSetting({ status: 'on', mode: 'Auto', suffixes: ['jpg', 'gif'] });
  expect(on).toBe(
    `${declaration}<ImageSlim><Status>on</Status><SlimMode>Auto</SlimMode><Suffixs><Suffix>jpg</Suffix><Suffix>gif</Suffix></Suffixs></ImageSlim>`,
  );
  const never = writeSlimSetting({ status: 'off', mode: null, suffixes: [] });
  expect(never).toBe(`${declaration}<ImageSlim><Status>off</Status></ImageSlim>`);
});

test('an error is written in the order given, its texts escaped', () => {
  expect(writeError({ Code: 'A', Message: `<&>"'\u0000\ud800\ufffe` })).toBe(
    "<?xml version='1.0' encoding='utf-8' ?><Error><Code>A</Code><Message>&lt;&amp;&gt;&quot;&apos;\ufffd\ufffd\ufffd</Message></Error>",
  );
});
