import { once } from 'node:events';
import net from 'node:net';
import { onTestFinished } from 'vitest';

/** One answer as it arrived. */
export interface RawAnswer {
  readonly status: number;
  /** By lower-cased name; a repeated header is joined with `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The body as JSON; undefined when it is empty. */
  readonly json: Record<string, unknown> | undefined;
}

/** One connection to the gateway, byte by byte. */
export interface RawConversation {
  readonly socket: net.Socket;
  send(text: string): void;
  /** Everything that has arrived, as text. */
  received(): string;
  /** The final answers (1xx left out) once there are so many; rejects when it closes before. */
  answers(count: number): Promise<RawAnswer[]>;
  /** All final answers, once the gateway has closed the connection. */
  answersUntilClosed(): Promise<RawAnswer[]>;
}

/** Connect to a port of this machine; the connection ends with the test. */
export async function converse(port: number, isHead = false): Promise<RawConversation> {
  const socket = net.connect(port, '127.0.0.1');
  let received = '';
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1');
  });
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return {
    socket,
    send: (text) => void socket.write(text, 'latin1'),
    received: () => received,
    async answers(count) {
      let answers = finalAnswers(received, isHead);
      while (answers.length < count) {
        if (socket.destroyed) throw new Error(`closed after ${answers.length} answers`);
        await Promise.race([once(socket, 'data'), closed]);
        answers = finalAnswers(received, isHead);
      }
      return answers;
    },
    async answersUntilClosed() {
      await closed;
      return finalAnswers(received, isHead);
    },
  };
}

/** Send one text on a connection of its own and wait for its one answer. */
export async function sendRaw(port: number, text: string): Promise<RawAnswer> {
  const conversation = await converse(port, /^HEAD /.test(text));
  conversation.send(text);
  const [answer] = await conversation.answers(1);
  conversation.socket.destroy();
  return answer as RawAnswer; // There is one: it was waited for.
}

/** Request line and headers as lines, then the body as it is: nothing is added. */
export function requestText(lines: readonly string[], body = ''): string {
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

/** A body in one chunk. */
export function chunked(body: string): string {
  return `${Buffer.byteLength(body, 'latin1').toString(16)}\r\n${body}\r\n0\r\n\r\n`;
}

function finalAnswers(text: string, isHead: boolean): RawAnswer[] {
  const answers: RawAnswer[] = [];
  let rest = text;
  for (;;) {
    const whole = takeAnswer(rest, isHead);
    if (whole === null) return answers;
    if (whole.answer.status >= 200) answers.push(whole.answer);
    rest = rest.slice(whole.length);
  }
}

function takeAnswer(text: string, isHead: boolean): { answer: RawAnswer; length: number } | null {
  const headLength = text.indexOf('\r\n\r\n') + 4;
  if (headLength < 4) return null;
  const [statusLine = '', ...lines] = text.slice(0, headLength - 4).split('\r\n');
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const name = line.slice(0, line.indexOf(':')).toLowerCase();
    const value = line.slice(line.indexOf(':') + 1).trim();
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
  }
  const length = headLength + (isHead ? 0 : Number(headers['content-length'] ?? 0));
  if (text.length < length) return null;
  const body = Buffer.from(text.slice(headLength, length), 'latin1').toString('utf8');
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1]);
  const isJson = /^application\/(?:problem\+)?json/.test(headers['content-type'] ?? '');
  return {
    answer: { status, headers, body, json: isJson && !isHead ? JSON.parse(body) : undefined },
    length,
  };
}
