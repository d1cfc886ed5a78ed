import { createRequire } from 'node:module';

/**
 * fast-xml-parser in its build for `require`, which is one file; that for `import` is forty, which
 * takes ten times as long to load.
 */
const library: typeof import('fast-xml-parser') = createRequire(import.meta.url)('fast-xml-parser');

export const { XMLBuilder, XMLParser, XMLValidator } = library;
