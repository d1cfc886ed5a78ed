import { once } from 'node:events';
import net from 'node:net';

/** An answer as far as a load generator looks at it. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

const HUNG_UP = 'the subject closed a connection';
const HEAD_END = '\r\n\r\n';

/**
 * One kept HTTP/1.1 connection, as cheap as can be so that the machine is left to the subject: one
 * request at a time, answers with a Content-Length alone.
 */
export class Connection {
  readonly #socket: net.Socket;
  #received = '';
  #waiting: PromiseWithResolvers<Answer> | null = null;

  private constructor(socket: net.Socket) {
    this.#socket = socket;
    socket.setNoDelay(true).setEncoding('latin1');
    socket.on('data', (text: string) => {
      this.#received += text;
      this.#settle();
    });
    socket.on('error', (error) => this.#waiting?.reject(error));
    socket.on('close', () => this.#waiting?.reject(new Error(HUNG_UP)));
  }

  static async open(port: number): Promise<Connection> {
    const socket = net.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new Connection(socket);
  }

  get isOpen(): boolean {
    return this.#socket.writable;
  }

  /** Send a request as it stands on the wire, and wait for its whole answer. */
  exchange(request: string): Promise<Answer> {
    if (!this.isOpen) return Promise.reject(new Error(HUNG_UP));
    this.#waiting = Promise.withResolvers();
    this.#socket.write(request, 'latin1');
    return this.#waiting.promise;
  }

  close(): void {
    this.#socket.destroy();
  }

  #settle(): void {
    const headEnd = this.#received.indexOf(HEAD_END);
    if (headEnd < 0) return;
    const head = this.#received.slice(0, headEnd);
    const bodyStart = headEnd + HEAD_END.length;
    const length = /\r\ncontent-length: *([0-9]+)/i.exec(head)?.[1];
    if (length === undefined) {
      this.#waiting?.reject(new Error('an answer without Content-Length'));
      return;
    }
    if (this.#received.length < bodyStart + Number(length)) return;
    const answer = { status: Number(head.slice(9, 12)), body: this.#received.slice(bodyStart) };
    this.#received = '';
    this.#waiting?.resolve(answer);
    this.#waiting = null;
  }
}
