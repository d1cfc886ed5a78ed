import { hash } from 'node:crypto';
import { XMLBuilder } from '../xml-library.ts';
import { SLIM_CONFIGURATIONS, type SlimConfiguration } from './slim-configuration.ts';

/** The one document that sets a slim configuration, with all that depends on its bytes. */
export interface SlimDocument {
  readonly xml: string;
  readonly bytes: Buffer;
  /** Base64 of the 16 MD5 bytes. Source: RFC 1864. */
  readonly contentMd5: string;
}

const builder = new XMLBuilder({ format: false });

/**
 * The canonical document of a configuration: made once for each of the 15, so that nothing a
 * tenant wrote is ever copied into XML.
 * Source: Cloud Infinite documentation, "PUT image-slim": `Suffixs` is the element's real name.
 */
export function slimDocument(configuration: SlimConfiguration): SlimDocument {
  const document = DOCUMENTS.get(configuration);
  if (document === undefined) throw new RangeError('not a canonical slim configuration');
  return document;
}

function build({ modes, suffixes }: SlimConfiguration): SlimDocument {
  const xml: string = builder.build({
    ImageSlim: {
      SlimMode: modes.join(','),
      ...(suffixes.length > 0 && { Suffixs: { Suffix: suffixes } }),
    },
  });
  return { xml, bytes: Buffer.from(xml), contentMd5: hash('md5', xml, 'base64') };
}

const DOCUMENTS: ReadonlyMap<SlimConfiguration, SlimDocument> = new Map(
  SLIM_CONFIGURATIONS.map((configuration) => [configuration, build(configuration)]),
);
