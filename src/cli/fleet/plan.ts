import { print } from '../policy-lines.ts';
import { type DesiredBucket, readDesired } from './desired.ts';
import { eachBucket, type Fleet, type FleetOptions, openFleet, stopSignal } from './each.ts';
import { type Look, lookAt, lookLine, settingText } from './look.ts';
import { openProgress } from './progress.ts';

/** Print what would change; exit 1 when a bucket could not be looked at. */
export async function planFleet(options: FleetOptions & { readonly json: boolean }): Promise<void> {
  const desired = readDesired(options.file);
  const looks = await lookAtAll(desired, openFleet(options, stopSignal()));
  print(looks.map(lookValue), planLines(looks, desired.length), options);
  if (looks.length < desired.length || looks.some(({ kind }) => kind === 'failed')) {
    process.exitCode = 1;
  }
}

/** Look at every bucket; those that are looked at, in the order of the file. */
export async function lookAtAll(
  desired: readonly DesiredBucket[],
  fleet: Fleet,
): Promise<readonly Look[]> {
  const progress = openProgress('looking', desired.length);
  const looks = new Map<DesiredBucket, Look>();
  await eachBucket(desired, fleet, async (bucket) => {
    const look = await lookAt(bucket, fleet).catch((error: unknown) => {
      if (!fleet.signal.aborted) throw error;
      return null;
    });
    if (look === null) return false;
    looks.set(bucket, look);
    progress.step();
    return true;
  });
  progress.close();
  return desired.flatMap((bucket) => looks.get(bucket) ?? []);
}

/** What differs, one line each, and how many there are of each kind. */
export function planLines(looks: readonly Look[], total: number): string[] {
  const count = (kind: Look['kind']) => looks.filter((look) => look.kind === kind).length;
  const missing = total - looks.length;
  return [
    ...looks.filter(({ kind }) => kind !== 'in-place').map(lookLine),
    `${total} buckets: ${count('differs')} to change, ${count('in-place')} as they shall be, ` +
      `${count('failed')} that cannot be looked at${missing > 0 ? `, ${missing} not looked at` : ''}`,
  ];
}

function lookValue(look: Look) {
  const { region, bucket, configuration } = look.bucket;
  const desired = settingText(configuration);
  if (look.kind === 'failed') {
    const { code, detail, requestId } = look.error;
    return { region, bucket, desired, kind: look.kind, code, detail, requestId };
  }
  const before = settingText(look.state.status === 'on' ? look.state : null);
  return { region, bucket, desired, kind: look.kind, before };
}
