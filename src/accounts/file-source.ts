import type { FileSettings, FixedSettings } from './credential-settings.ts';
import type { CredentialSource } from './credential-source.ts';
import { isSameKey } from './credentials.ts';

/** Keys of the environment: those that the process was started with. */
export function fixedSource({ from, issued }: FixedSettings): CredentialSource {
  return {
    name: from,
    first: issued,
    pollMs: null,
    fetch: async () => issued,
    close: () => undefined,
  };
}

/**
 * Keys of a file that is looked at again and again. Other keys count when two looks in a row have
 * found them: what is found once may be half written.
 */
export function fileSource({ from, first, read, pollMs }: FileSettings): CredentialSource {
  let taken = first;
  let seen = first;
  return {
    name: from,
    first,
    pollMs,
    async fetch() {
      const found = await read();
      if (isSameKey(found.credentials, seen.credentials)) taken = found;
      seen = found;
      return taken;
    },
    close: () => undefined,
  };
}
