import { z } from 'zod';
import { CloudError } from '../cloud-errors.ts';
import { type Answer, writeAnswer } from '../write-answer.ts';
import { type Effect, type Kind, kind } from './effect.ts';
import { documentType, NOT_WELL_FORMED, nested, withDocument } from './hostile-documents.ts';
import {
  delayed,
  dripped,
  endHalfway,
  endless,
  measuredWrongly,
  preceded,
  resetAfterHead,
  resetAtOnce,
  resetHalfway,
} from './manners.ts';

const DAY_MS = 86_400_000;
const whole = (least: number, most: number) => z.int().min(least).max(most);

/**
 * Every way to misbehave. Those with `instead` are not applied: the cloud never looks at the
 * request. All others are what becomes of an answer, after the change that it tells of.
 */
export const KINDS: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  // Time.
  ['delay', kind({ delayMs: whole(0, DAY_MS).default(1000) }, (p) => shown(delayed(p.delayMs)))],
  [
    'drip',
    kind({ dripBytesPerSecond: whole(1, 1_000_000).default(10) }, (p) =>
      shown(dripped(p.dripBytesPerSecond)),
    ),
  ],
  ['clock-skew', kind({ clockSkewSeconds: whole(-DAY_MS, DAY_MS).default(3600) }, (skew) => skew)],
  // Connections and framing.
  ['reset-before-answer', kind({}, () => ({ ...unheard(), manner: resetAtOnce }))],
  ['reset-after-headers', kind({}, () => shown(resetAfterHead))],
  ['reset-in-body', kind({}, () => shown(resetHalfway))],
  ['lost-answer', kind({}, () => shown(resetAtOnce))],
  ['truncated-body', kind({}, () => shown(endHalfway))],
  [
    'wrong-content-length',
    kind({ byBytes: whole(-65_536, 65_536).default(16) }, (p) => shown(measuredWrongly(p.byBytes))),
  ],
  [
    'informational',
    kind(
      {
        status: z.union([z.literal(100), z.literal(102), z.literal(103)]).default(103),
        count: whole(1, 1000).default(1),
      },
      (p) => shown(preceded(p.status, p.count)),
    ),
  ],
  // Refusals that nobody asked for.
  [
    'server-error',
    kind({ status: whole(500, 599).default(500) }, ({ status }) =>
      refused(new CloudError('InternalError'), (answer) => ({ ...answer, status })),
    ),
  ],
  [
    'server-error-page',
    kind({ status: whole(500, 599).default(502) }, ({ status }) =>
      refused(new CloudError('InternalError'), () => page(status)),
    ),
  ],
  [
    'throttled',
    kind({ retryAfterSeconds: whole(0, 86_400).default(1) }, (p) =>
      refused(
        new CloudError('SlowDown', undefined, {
          headers: { 'Retry-After': String(p.retryAfterSeconds) },
        }),
      ),
    ),
  ],
  [
    'error-with-200',
    kind({}, () =>
      refused(new CloudError('InternalError'), (answer) => ({ ...answer, status: 200 })),
    ),
  ],
  [
    'redirect',
    kind(
      {
        status: z.union([301, 302, 303, 307, 308].map((status) => z.literal(status))).default(307),
        location: z
          .string()
          .regex(/^[!-~]{1,2000}$/, 'must be printable')
          .default('http://127.0.0.1:9/'),
      },
      ({ status, location: Location }) => ({
        instead: { code: null, answer: () => ({ status, headers: { Location }, body: '' }) },
      }),
    ),
  ],
  // Documents that harm their reader.
  ['xml-not-well-formed', kind({}, () => told(NOT_WELL_FORMED))],
  ['xml-doctype', kind({}, () => told(documentType()))],
  ['xml-deep', kind({ levels: whole(1, 100_000).default(5000) }, (p) => told(nested(p.levels)))],
  ['endless-body', kind({}, () => ({ ...told(''), manner: endless }))],
]);

/** The cloud's own answer, in another manner. */
function shown(manner: Effect['manner'] & object): Effect {
  return { manner };
}

/** Another document in the cloud's own answer. */
function told(document: string): Effect {
  return { rewrite: (answer) => withDocument(answer, document) };
}

function refused(error: CloudError, change: (answer: Answer) => Answer = (answer) => answer) {
  const answer = (facts: Parameters<typeof writeAnswer>[1]) => change(writeAnswer(error, facts));
  return { instead: { code: error.code, answer } };
}

function unheard(): Effect {
  return { instead: { code: null, answer: () => ({ status: 500, headers: {}, body: '' }) } };
}

function page(status: number): Answer {
  const body = '<html><body><h1>Bad Gateway</h1></body></html>\n';
  return { status, headers: { 'Content-Type': 'text/html', Server: 'proxy' }, body };
}
