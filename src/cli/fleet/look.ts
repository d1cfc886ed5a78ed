import {
  type Answered,
  type SlimConfiguration,
  SlimgateError,
  type SlimState,
} from '../../client/client.ts';
import { refusalLine } from '../tenant-call.ts';
import type { DesiredBucket } from './desired.ts';
import type { Fleet } from './each.ts';

/** What has to be done for a bucket. */
export type Look = { readonly bucket: DesiredBucket } & (
  | { readonly kind: 'in-place'; readonly state: SlimState }
  | { readonly kind: 'differs'; readonly state: SlimState; readonly etag: string }
  | { readonly kind: 'failed'; readonly error: SlimgateError }
);

export type Differing = Extract<Look, { kind: 'differs' }>;

/** Compare a bucket’s state with the one it shall have. */
export async function lookAt(
  bucket: DesiredBucket,
  { client, signal }: Pick<Fleet, 'client' | 'signal'>,
): Promise<Look> {
  try {
    const state = await client.describe(bucket, { signal });
    if (isInPlace(state, bucket.configuration)) return { bucket, kind: 'in-place', state };
    return { bucket, kind: 'differs', state, etag: etagOf(state) };
  } catch (error) {
    if (!(error instanceof SlimgateError)) throw error;
    return { bucket, kind: 'failed', error };
  }
}

/** Without it a change could not be bound to the state that was seen, so none is made. */
function etagOf({ etag, requestId }: Answered): string {
  if (etag !== null) return etag;
  const detail = 'the answer has no ETag; does something between take it away?';
  throw new SlimgateError({ code: 'not-the-gateway', status: 200, detail, requestId });
}

/** Modes and suffixes are sets; what an `off` bucket remembers counts for nothing. */
function isInPlace(state: SlimState, desired: SlimConfiguration | null): boolean {
  if (desired === null) return state.status === 'off';
  return (
    state.status === 'on' &&
    isSameSet(state.modes, desired.modes) &&
    isSameSet(desired.modes.includes('Auto') ? state.suffixes : [], desired.suffixes ?? [])
  );
}

function isSameSet(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((item) => other.includes(item));
}

/** A difference in one line: `+` switched on, `~` changed, `-` switched off, `!` not known. */
export function lookLine(look: Look): string {
  const { region, bucket, configuration } = look.bucket;
  const name = `${region}/${bucket}`;
  if (look.kind === 'failed') return `! ${name}: ${refusalLine(look.error)}`;
  const before = settingText(look.state.status === 'on' ? look.state : null);
  if (look.kind === 'in-place') return `= ${name}: ${before}`;
  const sign = configuration === null ? '-' : look.state.status === 'on' ? '~' : '+';
  return `${sign} ${name}: ${before} -> ${settingText(configuration)}`;
}

/** A setting in few words, like `Auto+API jpg+png`, or `off`. */
export function settingText(setting: SlimConfiguration | null): string {
  if (setting === null) return 'off';
  const { modes, suffixes = [] } = setting;
  return [modes.join('+'), suffixes.join('+')].filter((text) => text !== '').join(' ');
}
