import { z } from 'zod';
import type { OperationName } from './operation.ts';
import { parseBody } from './parse-body.ts';
import { configurationMembers, suffixesFault } from './parse-configuration.ts';
import { canonicalConfiguration, type SlimConfiguration } from './slim-configuration.ts';

/** An operation that a tenant asks about, its target not yet validated. */
export interface Question {
  readonly operation: OperationName;
  readonly region: string;
  readonly bucket: string;
  /** Present exactly for `enable`. */
  readonly configuration: SlimConfiguration | null;
  /** The objects, as they were written: present exactly for `savings`. */
  readonly keys: readonly string[] | null;
}

const text = z.string('must be a text');

/** The shape of a question. */
export const questionBody = z
  .strictObject(
    {
      operation: z.enum(['enable', 'disable', 'describe', 'savings'], {
        error: 'must be "enable", "disable", "describe" or "savings"',
      }),
      region: text,
      bucket: text,
      modes: configurationMembers.modes.optional(),
      suffixes: configurationMembers.suffixes,
      keys: z.array(text, 'must be a list of object keys').min(1, 'must name an object').optional(),
    },
    { error: (issue) => (issue.code === 'invalid_type' ? 'must be an object' : undefined) },
  )
  .superRefine(({ operation, modes, suffixes, keys }, context) => {
    const fault = (member: string, message: string) =>
      context.addIssue({ code: 'custom', path: [member], message });
    if ((operation === 'savings') !== (keys !== undefined)) {
      fault('keys', 'must name the objects of "savings", and goes with no other operation');
    }
    if (operation !== 'enable') {
      const message = 'only goes with the operation "enable"; remove it';
      if (modes !== undefined) fault('modes', message);
      if (suffixes !== undefined) fault('suffixes', message);
    } else if (modes === undefined) fault('modes', 'must say what would be enabled');
    else {
      const message = suffixesFault({ modes, suffixes });
      if (message !== null) fault('suffixes', message);
    }
  });

/**
 * Read what a tenant asks about.
 * @param body the raw bytes, already bounded
 * @throws GatewayError as parseBody
 */
export function parseQuestion(body: Uint8Array): Question {
  const { modes, suffixes, keys = null, ...call } = parseBody(questionBody, body);
  const configuration = modes === undefined ? null : canonicalConfiguration(modes, suffixes ?? []);
  return { ...call, configuration, keys };
}
