import { expect, test } from 'vitest';
import { slimDocument } from '../../src/slim/json-to-xml.ts';
import { SLIM_CONFIGURATIONS, type SlimState } from '../../src/slim/slim-configuration.ts';
import { slimStateOf, toldStateOf } from '../../src/slim/xml-to-json.ts';
import { StrictXmlError } from '../../src/strict-xml.ts';

const on = (modes: SlimState['modes'], suffixes: SlimState['suffixes'] = []): SlimState => ({
  status: 'on',
  modes,
  suffixes,
});
const off = (modes: SlimState['modes'] = [], suffixes: SlimState['suffixes'] = []): SlimState => ({
  status: 'off',
  modes,
  suffixes,
});

const suffixs = (...list: string[]) =>
  `<Suffixs>${list.map((one) => `<Suffix>${one}</Suffix>`).join('')}</Suffixs>`;
const root = (children: string) => `<ImageSlim>${children}</ImageSlim>`;
const ON = '<Status>on</Status>';
const AUTO = '<SlimMode>Auto</SlimMode>';

/**
 * Answers as they are documented, sampled or possible. Source: Cloud Infinite documentation,
 * "GET image-slim", and the samples of official SDKs.
 */
const READABLE: Readonly<Record<string, readonly [xml: string, state: SlimState]>> = {
  'the documented answer': [root(ON + AUTO + suffixs('jpg', 'png')), on(['Auto'], ['jpg', 'png'])],
  'the documented answer with its declaration and line breaks': [
    '<?xml version="1.0" encoding="UTF-8" ?>\n<ImageSlim>\n  <Status>on</Status>\n' +
      '  <SlimMode>Auto,API</SlimMode>\n  <Suffixs>\n    <Suffix>jpg</Suffix>\n' +
      '    <Suffix>gif</Suffix>\n  </Suffixs>\n</ImageSlim>\n',
    on(['Auto', 'API'], ['jpg', 'gif']),
  ],
  'off that remembers mode and suffixes': [
    root(`<Status>off</Status><SlimMode>API</SlimMode>${suffixs('jpg', 'png')}`),
    off(['API'], ['jpg', 'png']),
  ],
  'suffixes without Auto': [
    root(`${ON}<SlimMode>API</SlimMode>${suffixs('gif')}`),
    on(['API'], ['gif']),
  ],
  'off alone': [root('<Status>off</Status>'), off()],
  'off with empty elements': [root('<Status>off</Status><SlimMode/><Suffixs/>'), off()],
  'off with an empty suffix': [
    root(`<Status>off</Status><SlimMode></SlimMode>${suffixs('')}`),
    off(),
  ],
  'a single suffix': [root(ON + AUTO + suffixs('png')), on(['Auto'], ['png'])],
  'no status, but a mode': [root(AUTO + suffixs('jpg')), on(['Auto'], ['jpg'])],
  'nothing at all': [root(''), off()],
  'nothing at all, closed at once': ['<ImageSlim/>', off()],
  'modes in the other order': [root(`${ON}<SlimMode>API,Auto</SlimMode>`), on(['Auto', 'API'])],
  'modes with blanks': [root(`${ON}<SlimMode> Auto , API </SlimMode>`), on(['Auto', 'API'])],
  'values in another case': [
    root(`${ON}<SlimMode>AUTO,api</SlimMode>${suffixs('JPG')}`),
    on(['Auto', 'API'], ['jpg']),
  ],
  'suffixes in any order, repeated': [
    root(ON + AUTO + suffixs('gif', 'jpg', 'gif')),
    on(['Auto'], ['jpg', 'gif']),
  ],
  'values nobody knows': [
    root(`${ON}<SlimMode>Auto,Turbo</SlimMode>${suffixs('webp', 'jpg', '7')}`),
    on(['Auto'], ['jpg']),
  ],
  'a mode with a comma too many': [root(`${ON}<SlimMode>,Auto,</SlimMode>`), on(['Auto'])],
  'children nobody knows': [
    root(`<A><B>c</B></A>${ON}<toString>x</toString>${AUTO}`),
    on(['Auto']),
  ],
  'several lists': [
    root(ON + AUTO + suffixs('jpg') + suffixs('png')),
    on(['Auto'], ['jpg', 'png']),
  ],
  'a list with text between': [
    root(`${ON}${AUTO}<Suffixs>a<Suffix>jpg</Suffix>b</Suffixs>`),
    on(['Auto'], ['jpg']),
  ],
  'a list that is text': [root(`${ON}${AUTO}<Suffixs>jpg</Suffixs>`), on(['Auto'])],
  'a suffix with children': [
    root(`${ON}${AUTO}<Suffixs><Suffix><a>jpg</a></Suffix></Suffixs>`),
    on(['Auto']),
  ],
  'a namespace': [`<ImageSlim xmlns="http://example.test/">${ON}</ImageSlim>`, on([])],
  attributes: [root('<Status a="b">on</Status>'), on([])],
  'a comment': [`<!-- a -->${root(`<!-- b -->${ON}`)}<!-- c -->`, on([])],
  'a CDATA section': [root('<Status><![CDATA[on]]></Status>'), on([])],
  'a byte order mark': [`\ufeff${root(ON)}`, on([])],
};

test.each(Object.entries(READABLE))('an answer is read: %s', (_, [xml, state]) => {
  expect(slimStateOf(Buffer.from(xml))).toEqual(state);
});

/** Those of them in which something was guessed or left out. */
const NOT_CERTAIN: ReadonlySet<string> = new Set([
  'no status, but a mode',
  'nothing at all',
  'nothing at all, closed at once',
  'values nobody knows',
  'a suffix with children',
]);

test.each(Object.keys(READABLE))('whether an answer is certain is told: %s', (name) => {
  const [xml = ''] = READABLE[name] ?? [];
  expect(toldStateOf(Buffer.from(xml)).isCertain).toBe(!NOT_CERTAIN.has(name));
});

/** Answers from which no state can be told for sure. */
const REFUSED: Readonly<Record<string, string>> = {
  'another root': '<Error><Code>AccessDenied</Code></Error>',
  'a root in another case': '<imageslim><Status>on</Status></imageslim>',
  'a root with a prefix': '<a:ImageSlim xmlns:a="b"><Status>on</Status></a:ImageSlim>',
  'a status nobody knows': root('<Status>maybe</Status>'),
  'a status in another case': root('<Status>On</Status>'),
  'an empty status': root('<Status></Status><SlimMode>Auto</SlimMode>'),
  'a status twice': root(`${ON}<Status>off</Status>${AUTO}`),
  'a status with children': root(`<Status><a>off</a></Status>${AUTO}`),
  'a status written as an entity': root('<Status>&#111;n</Status>'),
  'a mode twice': root(`${ON}<SlimMode>API</SlimMode>${AUTO}`),
  'a mode with children': root(`${ON}<SlimMode><Mode>Auto</Mode></SlimMode>`),
  'the sample’s typing mistake':
    '<ImageSlim><Status>on</Status><SlimMode>API</SimMode></ImageSlim>',
  JSON: '{"ImageSlim":{"Status":"on","SlimMode":"Auto"}}',
  'a page': '<html><body>on</body></html>',
  nothing: '',
};

test.each(Object.entries(REFUSED))('an answer is refused: %s', (_, xml) => {
  expect(() => slimStateOf(Buffer.from(xml))).toThrow(StrictXmlError);
});

test('what is written is read back', () => {
  for (const configuration of SLIM_CONFIGURATIONS) {
    const { bytes } = slimDocument(configuration);
    expect(slimStateOf(bytes)).toEqual({ status: 'on', ...configuration });
  }
});
