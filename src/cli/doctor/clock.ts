import { type Finding, fail, ok, warn } from './finding.ts';

/** Signatures bear a minute in one direction, and STS five in both. */
const WARN_SECONDS = 30;
const FAIL_SECONDS = 300;

/** Our clock compared with an answer's `Date`, which tells whole seconds. */
export function checkClock(host: string, at: Date, now: Date): Finding {
  const aheadSeconds = Math.round((now.getTime() - at.getTime()) / 1000);
  const off = Math.abs(aheadSeconds);
  const seen =
    off <= 1
      ? `as that of ${host}`
      : `${off} seconds ${aheadSeconds > 0 ? 'ahead of' : 'behind'} that of ${host}`;
  const remedy = 'set this machine’s clock: run chrony or ntpd';
  if (off >= FAIL_SECONDS) return fail('clock', seen, remedy);
  return off >= WARN_SECONDS ? warn('clock', seen, remedy) : ok('clock', seen);
}
