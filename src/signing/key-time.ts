/** A validity window in Unix seconds. */
export interface KeyTime {
  readonly start: number;
  readonly end: number;
}

/** How far a window starts in the past, so that an upstream whose clock is behind takes it. */
export const KEY_TIME_LEAD_SECONDS = 60;
const ALIGNMENT_SECONDS = 60;

/**
 * The window for a moment. Windows start on whole minutes, so that all requests of a minute share
 * one window and one sign key.
 * @param lengthSeconds from start to end; it must be above 120, so that at least the seconds
 *   beyond lead and alignment remain
 */
export function keyTimeAt(now: Date, lengthSeconds: number): KeyTime {
  const seconds = Math.floor(now.getTime() / 1000);
  const start = seconds - (seconds % ALIGNMENT_SECONDS) - KEY_TIME_LEAD_SECONDS;
  return { start, end: start + lengthSeconds };
}

/** As it stands in a signature: `start;end`. */
export function keyTimeText({ start, end }: KeyTime): string {
  return `${start};${end}`;
}
