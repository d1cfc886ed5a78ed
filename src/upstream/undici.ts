import { createRequire } from 'node:module';
import type { buildConnector, Client } from 'undici';

/**
 * The two parts of undici that we use. Its entry would load fetch, caches and WebSockets besides:
 * half of the time to load it, and of the memory it keeps.
 */
const require = createRequire(import.meta.url);

/** One origin's client: it opens a connection when asked, and writes one request at a time. */
export const UndiciClient: typeof Client = require('undici/lib/dispatcher/client.js');
/** Makes the function that opens a socket, TLS with a verified certificate where it is https. */
export const buildUndiciConnector: typeof buildConnector = require('undici/lib/core/connect.js');
