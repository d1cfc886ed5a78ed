import { expect, test } from 'vitest';
import { slimDocument } from '../../src/slim/json-to-xml.ts';
import {
  canonicalConfiguration,
  configurationKey,
  SLIM_CONFIGURATIONS,
} from '../../src/slim/slim-configuration.ts';

/**
 * Every document that may be sent, by its configuration, with the Content-MD5 that another program
 * has computed. Source: Cloud Infinite documentation, "PUT image-slim".
 */
const KNOWN_ANSWERS: Readonly<Record<string, readonly [xml: string, contentMd5: string]>> = {
  'Auto jpg': [
    '<ImageSlim><SlimMode>Auto</SlimMode><Suffixs><Suffix>jpg</Suffix></Suffixs></ImageSlim>',
    'V+FRe0QndOVqF4hsb4/5DQ==',
  ],
  'Auto png': [
    '<ImageSlim><SlimMode>Auto</SlimMode><Suffixs><Suffix>png</Suffix></Suffixs></ImageSlim>',
    'Pbr72qJR+f5jYz7yftdVAw==',
  ],
  'Auto gif': [
    '<ImageSlim><SlimMode>Auto</SlimMode><Suffixs><Suffix>gif</Suffix></Suffixs></ImageSlim>',
    'Rcd1qQ164yHW6OrtvCILLQ==',
  ],
  'Auto jpg,png': [
    '<ImageSlim><SlimMode>Auto</SlimMode><Suffixs><Suffix>jpg</Suffix><Suffix>png</Suffix></Suffixs></ImageSlim>',
    'zgXjEwsKywSoI06i/eFDyw==',
  ],
  'Auto jpg,gif': [
    '<ImageSlim><SlimMode>Auto</SlimMode><Suffixs><Suffix>jpg</Suffix><Suffix>gif</Suffix></Suffixs></ImageSlim>',
    'B6MnF/8c3gkfxZ/JQzziCg==',
  ],
  'Auto png,gif': [
    '<ImageSlim><SlimMode>Auto</SlimMode><Suffixs><Suffix>png</Suffix><Suffix>gif</Suffix></Suffixs></ImageSlim>',
    'oaZ4vDfB6qk+G5/nukH07w==',
  ],
  'Auto jpg,png,gif': [
    '<ImageSlim><SlimMode>Auto</SlimMode><Suffixs><Suffix>jpg</Suffix><Suffix>png</Suffix><Suffix>gif</Suffix></Suffixs></ImageSlim>',
    'EhNo1VBkkQeGpkpOJENRjA==',
  ],
  'Auto,API jpg': [
    '<ImageSlim><SlimMode>Auto,API</SlimMode><Suffixs><Suffix>jpg</Suffix></Suffixs></ImageSlim>',
    'VIeEUVO4CQuEJDtRg8KHzw==',
  ],
  'Auto,API png': [
    '<ImageSlim><SlimMode>Auto,API</SlimMode><Suffixs><Suffix>png</Suffix></Suffixs></ImageSlim>',
    'ZIKMyTKPItXKKyYEuOrhEA==',
  ],
  'Auto,API gif': [
    '<ImageSlim><SlimMode>Auto,API</SlimMode><Suffixs><Suffix>gif</Suffix></Suffixs></ImageSlim>',
    'WkXNEMCbbLk9j0yByIi1bg==',
  ],
  'Auto,API jpg,png': [
    '<ImageSlim><SlimMode>Auto,API</SlimMode><Suffixs><Suffix>jpg</Suffix><Suffix>png</Suffix></Suffixs></ImageSlim>',
    'la/DDbBTRzvwguLLbiw4ow==',
  ],
  'Auto,API jpg,gif': [
    '<ImageSlim><SlimMode>Auto,API</SlimMode><Suffixs><Suffix>jpg</Suffix><Suffix>gif</Suffix></Suffixs></ImageSlim>',
    'dJYPetGEP6JSCzzAHDasNw==',
  ],
  'Auto,API png,gif': [
    '<ImageSlim><SlimMode>Auto,API</SlimMode><Suffixs><Suffix>png</Suffix><Suffix>gif</Suffix></Suffixs></ImageSlim>',
    'PWPOascilQiBjC0nv1Da3Q==',
  ],
  'Auto,API jpg,png,gif': [
    '<ImageSlim><SlimMode>Auto,API</SlimMode><Suffixs><Suffix>jpg</Suffix><Suffix>png</Suffix><Suffix>gif</Suffix></Suffixs></ImageSlim>',
    '/3YWExCAXiNIT+AJ/A641Q==',
  ],
  'API ': ['<ImageSlim><SlimMode>API</SlimMode></ImageSlim>', 'Fpcur1FJi7E94jtmrPk0uQ=='],
};

test.each(
  SLIM_CONFIGURATIONS.map((configuration) => [configurationKey(configuration), configuration]),
)('`%s` has its one document and digest', (key, configuration) => {
  const [xml, contentMd5] = KNOWN_ANSWERS[String(key)] ?? [];
  const document = slimDocument(configuration as (typeof SLIM_CONFIGURATIONS)[number]);
  expect(document.xml).toBe(xml);
  expect(document.bytes.toString('utf8')).toBe(xml);
  expect(document.contentMd5).toBe(contentMd5);
});

test('the known answers are all there are', () => {
  expect(SLIM_CONFIGURATIONS.map(configurationKey).toSorted()).toEqual(
    Object.keys(KNOWN_ANSWERS).toSorted(),
  );
});

test('a configuration that is not canonical has no document', () => {
  const canonical = canonicalConfiguration(['API'], []);
  expect(slimDocument(canonical).xml).toContain('API');
  expect(() => slimDocument({ ...canonical })).toThrow(RangeError);
  const foreign = { modes: ['</SlimMode>'], suffixes: [] } as never;
  expect(() => slimDocument(foreign)).toThrow(RangeError);
});
