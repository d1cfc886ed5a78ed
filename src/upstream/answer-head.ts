import { ANSWER_HEADERS, type AnswerHeaders } from './transport.ts';

/** What the head of an answer says. */
export interface AnswerHead {
  readonly status: number;
  readonly headers: AnswerHeaders;
  /** Where the body ends: behind so many bytes, behind its last chunk, or with the connection. */
  readonly body: number | 'chunked' | 'to-end';
  /** How long the connection may idle behind this answer; 0 when it must not be kept. */
  readonly keepMs: number;
}

/**
 * A status line and header lines, each with its CRLF: no folded line, no control character, no space
 * before a colon. Of 1xx there is no 100, which we never ask for, and no 101.
 * Source: RFC 9112, sections 2.2, 4 and 5.
 */
const HEAD =
  /^HTTP\/1\.[01] (?:10[2-9]|1[1-9]\d|[2-9]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?\r\n(?:[!#$%&'*+.^_`|~\dA-Za-z-]+:[\t\x20-\x7e\x80-\xff]*\r\n)*$/;

const FRAMING = ['content-length', 'transfer-encoding', 'connection', 'keep-alive'] as const;

type Name = (typeof FRAMING)[number] | (typeof ANSWER_HEADERS)[number];

const LOOKED_AT: ReadonlySet<string> = new Set<Name>([...FRAMING, ...ANSWER_HEADERS]);

/** What stands twice says nothing certain, and is null. */
type Lines = Partial<Record<Name, string | null>>;

/**
 * Read the head of an answer, up to and with the CRLF of its last line.
 * @param text in latin1
 * @returns null when it is broken, or does not say for certain where the body ends
 */
export function parseAnswerHead(text: string): AnswerHead | null {
  if (!HEAD.test(text)) return null;
  const status = Number(text.slice(9, 12));
  const isOld = text.startsWith('HTTP/1.0');
  const lines = linesLookedAt(text);
  const told = toldBody(lines);
  if (told === null || (isOld && told === 'chunked')) return null;
  // An interim answer has no body to tell of.
  if (status < 200 && told !== 'to-end') return null;
  const hasNoBody = status === 204 || status === 304;
  // Who tells of a body where none can be may send it all the same.
  const isCertain = hasNoBody ? told === 'to-end' || told === 0 : told !== 'to-end';
  return {
    status,
    headers: headersOf(lines),
    body: hasNoBody ? 0 : told,
    keepMs: isOld || !isCertain ? 0 : keepMs(lines),
  };
}

function linesLookedAt(text: string): Lines {
  const lines: Lines = {};
  let at = text.indexOf('\n') + 1;
  while (at < text.length) {
    const colon = text.indexOf(':', at);
    const end = text.indexOf('\r', colon);
    const name = text.slice(at, colon).toLowerCase();
    if (isLookedAt(name)) lines[name] = name in lines ? null : trimmed(text, colon + 1, end);
    at = end + 2;
  }
  return lines;
}

function isLookedAt(name: string): name is Name {
  return LOOKED_AT.has(name);
}

/** A value without the blanks around it, which are spaces and tabs alone. */
function trimmed(text: string, from: number, to: number): string {
  let [start, end] = [from, to];
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (start < end && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/**
 * INVARIANT: a body has one length or is in chunks; what tells both, or one of them in two ways, is
 * broken, because another reader would find its end elsewhere.
 * Source: RFC 9112, section 6.3.
 */
function toldBody(lines: Lines): AnswerHead['body'] | null {
  const { 'content-length': length, 'transfer-encoding': coding } = lines;
  if (length === null || coding === null) return null;
  if (coding !== undefined)
    return length === undefined && /^chunked$/i.test(coding) ? 'chunked' : null;
  if (length === undefined) return 'to-end';
  return /^\d+$/.test(length) ? Number(length) : null;
}

function headersOf(lines: Lines): AnswerHeaders {
  const headers: { -readonly [name in keyof AnswerHeaders]: AnswerHeaders[name] } = {};
  for (const name of ANSWER_HEADERS) {
    const value = lines[name];
    if (typeof value === 'string') headers[name] = value;
  }
  return headers;
}

/** Before the upstream closes it, so that it does not while a request is on its way. */
const KEEP_MARGIN_MS = 2000;

/** Source: RFC 9112, section 9.6; the parameter `timeout` of Keep-Alive is in seconds. */
function keepMs({ connection, 'keep-alive': keepAlive }: Lines): number {
  if (connection === null || (connection !== undefined && /close/i.test(connection))) return 0;
  const seconds = /(?:^|[,;\s])timeout=(\d+)/i.exec(keepAlive ?? '')?.[1];
  return seconds === undefined ? Infinity : Math.max(Number(seconds) * 1000 - KEEP_MARGIN_MS, 0);
}
