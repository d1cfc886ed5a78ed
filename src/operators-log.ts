import { type Logger, pino } from 'pino';

export type { Logger } from 'pino';

/**
 * Lines are written together: at so many characters, or after so many milliseconds. At most
 * `maxLength` characters wait; what comes beyond is dropped.
 */
const LOG_BUFFER = { minLength: 8 * 1024, periodicFlush: 50, maxLength: 16 * 1024 * 1024 };

/** A log whose reader stops must not stop the gateway: lines wait, and are written as they are read. */
export function operatorsLog(level: string): Logger {
  return pino({ level }, pino.destination({ sync: false, ...LOG_BUFFER }));
}
