import { GatewayError } from '../src/errors.ts';
import type { Services } from '../src/services.ts';
import type { ToldState } from '../src/slim/xml-to-json.ts';
import { StrictXmlError } from '../src/strict-xml.ts';
import type { UpstreamAnswer } from '../src/upstream/upstream.ts';

/**
 * The state that the upstream's answer tells.
 * @throws GatewayError the answer's own, or `upstream-unexpected` when its document cannot be read
 */
export function toldState(
  { error, body }: UpstreamAnswer,
  { toldStateOf }: Pick<Services, 'toldStateOf'>,
): ToldState {
  if (error !== null) throw error;
  try {
    return toldStateOf(body ?? Buffer.alloc(0));
  } catch (error) {
    if (!(error instanceof StrictXmlError)) throw error;
    throw new GatewayError(
      'upstream-unexpected',
      `the upstream’s document cannot be read: ${error.message}`,
      { cause: error },
    );
  }
}
