import type { GatewayContext } from './state.ts';

/**
 * What a request is answered with, as it stands so far: it is sent whole, when the request's record
 * has been made.
 */
export interface Reply {
  status: number;
  /** By their names in lower case. */
  readonly headers: Record<string, string>;
  /** What is told, as JSON; null for an answer without a body. */
  value: object | null;
  /** Whether there is an answer: steps behind it are not taken. */
  isGiven: boolean;
  /** What the end of the answer waits for; it never rejects. */
  holdBack: Promise<void> | null;
}

/** Give an answer as JSON. */
export function answerJson(
  { state: { reply } }: GatewayContext,
  value: object,
  type = 'application/json',
): void {
  reply.headers['content-type'] = `${type}; charset=utf-8`;
  reply.value = value;
  reply.isGiven = true;
}

/** Give an answer without a body. */
export function answerEmpty({ state: { reply } }: GatewayContext, status: 204 | 304): void {
  reply.status = status;
  reply.isGiven = true;
}

/** Add a member to what the answer tells; one without a body stays without. */
export function addMember({ state: { reply } }: GatewayContext, name: string, value: string): void {
  if (reply.value !== null) reply.value = { ...reply.value, [name]: value };
}

/**
 * Send the answer in one go: head and body as they are, past the accessors that would set them one
 * by one.
 * @returns whether there was still somebody to send it to
 */
export function sendReply(ctx: GatewayContext): boolean {
  const { res } = ctx;
  const { status, headers, value, holdBack } = ctx.state.reply;
  ctx.respond = false;
  if (res.destroyed || !ctx.writable) {
    res.end();
    return false;
  }
  // A line feed at its end, for those who read it in a terminal.
  const text = value === null ? '' : `${JSON.stringify(value)}\n`;
  if (value !== null) headers['content-length'] = String(Buffer.byteLength(text));
  res.writeHead(status, headers);
  if (holdBack !== null) {
    res.write(text);
    void holdBack.then(() => res.end());
  } else if (value === null) res.end();
  else res.end(text);
  return true;
}
