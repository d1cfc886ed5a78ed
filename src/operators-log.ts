import { hostname } from 'node:os';
import { type DestinationStream, type Logger as PinoLogger, pino } from 'pino';

/** What is told of each request; what is undefined is left out. Nothing secret has a place in it. */
export interface RequestLine {
  readonly requestId: string;
  readonly traceId: string | null;
  readonly tenant: string | undefined;
  readonly operation: string | undefined;
  readonly region: string | undefined;
  readonly bucket: string | undefined;
  readonly status: number;
  readonly code: string | undefined;
  readonly cause: string | undefined;
  readonly durationMs: number;
}

/** The log for operators: one JSON text a line. */
export interface Logger extends Pick<PinoLogger, 'info' | 'warn' | 'error'> {
  /** Tell of a request, at level `info`. */
  request(at: Date, line: RequestLine): void;
}

/** @param destination left out: standard output */
export function operatorsLog(
  level: string,
  destination: DestinationStream = standardOutput(),
): Logger {
  const base = { pid: process.pid, hostname: hostname() };
  const log = pino({ level, base }, destination);
  const isTold = log.isLevelEnabled('info');
  const baseMembers = JSON.stringify(base).slice(1, -1);
  return Object.assign(log, {
    // In the form of the others, but as one text: member by member it costs several times as much.
    request(at: Date, line: RequestLine) {
      if (!isTold) return;
      const members = JSON.stringify(line).slice(1);
      const text = `{"level":30,"time":${at.getTime()},${baseMembers},"msg":"request",${members}\n`;
      destination.write(text);
    },
  });
}

/**
 * Lines are written together: at so many bytes, or after so many milliseconds, and so many bytes in
 * one go. At most `maxLength` bytes wait; what comes beyond is dropped. Kept as bytes: a text that
 * grows would be measured anew with each line.
 */
const LOG_BUFFER = {
  contentMode: 'buffer',
  minLength: 32 * 1024,
  maxWrite: 64 * 1024,
  maxLength: 16 * 1024 * 1024,
} as const;
const FLUSH_MS = 50;
/** So often again, for what was not written because a write was under way. */
const FLUSHES = 20;

/**
 * A log whose reader stops must not stop the gateway: lines wait, and are written as they are read.
 * Where none came, none are flushed: that would be a write each time, of nothing.
 */
function standardOutput(): DestinationStream {
  const output = pino.destination({ sync: false, ...LOG_BUFFER });
  let left = 0;
  let timer: NodeJS.Timeout | undefined;
  function flush(): void {
    output.flush();
    left -= 1;
    if (left > 0) return;
    clearInterval(timer);
    timer = undefined;
  }
  return {
    write(line) {
      // In this mode it is bytes that it takes, which its types do not say.
      output.write(Buffer.from(line) as never);
      left = FLUSHES;
      timer ??= setInterval(flush, FLUSH_MS).unref();
    },
  };
}
