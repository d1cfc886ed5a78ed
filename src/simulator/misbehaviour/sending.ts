import type { Socket } from 'node:net';

/** An answer that is about to be sent, and the connection to send it over. */
export interface Sending {
  readonly socket: Socket;
  /** Of the body; 0 where none is sent. */
  readonly bodyBytes: number;
  /**
   * Status line and headers, up to the empty line. The connection is to end with this answer.
   * @param framing in place of the header Content-Length
   */
  head(framing?: string): string;
  body(): AsyncIterable<Buffer>;
  /** Send it as every other answer is sent. */
  normally(): Promise<void>;
}

/** How an answer is sent; what it rejects with ends the connection. */
export type Manner = (sending: Sending) => Promise<void>;
