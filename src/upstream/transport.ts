import type { Deadline } from './deadline.ts';
import type { WireRequest } from './wire-request.ts';

/** The headers of an answer that we look at; all others are dropped unread. */
export const ANSWER_HEADERS = [
  'content-type',
  'date',
  'retry-after',
  'x-cos-request-id',
  'x-ci-request-id',
  'x-cos-trace-id',
  'x-ci-trace-id',
] as const;

export type AnswerHeaders = Readonly<Partial<Record<(typeof ANSWER_HEADERS)[number], string>>>;

/** How an exchange can end without a whole answer. */
export type TransportFault = 'unreachable' | 'reset' | 'truncated' | 'too-large' | 'timeout';

/** The one end of an exchange. */
export type TransportResult =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers: AnswerHeaders;
      readonly body: Buffer;
    }
  | {
      readonly kind: 'fault';
      readonly fault: TransportFault;
      /** Whether any byte of the request may have reached the upstream. */
      readonly wasSent: boolean;
      /** A kept connection was closed under us before it gave a byte. */
      readonly isStaleSocket: boolean;
      readonly cause: unknown;
    };

export interface Transport {
  /**
   * Settles exactly once, at the deadline at the latest, and never rejects. Nothing is written once
   * it is over.
   */
  exchange(request: WireRequest, deadline: Deadline): Promise<TransportResult>;
  /** Close idle connections. */
  close(): void;
}
