import { readdirSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** What a process sees of itself; it is loaded into it by `--import`, and asked over IPC. */
export interface Sample {
  readonly rssBytes: number;
  readonly heapBytes: number;
  /** Open files and sockets; null where the system does not list them. */
  readonly descriptors: number | null;
  /** Of the event loop, since the sample before. */
  readonly delayP99Ms: number;
}

const RESOLUTION_MS = 5;
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delay.enable();

process.on('message', () => {
  const { rss, heapUsed } = process.memoryUsage();
  const sample: Sample = {
    rssBytes: rss,
    heapBytes: heapUsed,
    descriptors: descriptors(),
    // The timer's own interval is no delay.
    delayP99Ms: Math.max(0, delay.percentile(99) / 1e6 - RESOLUTION_MS),
  };
  delay.reset();
  process.send?.(sample);
});
// Being asked is no reason to stay.
process.channel?.unref();

function descriptors(): number | null {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return null;
  }
}
