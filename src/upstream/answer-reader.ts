import { type AnswerHead, parseAnswerHead } from './answer-head.ts';

/** Of the final answer and the interim ones before it together. */
const MAX_HEAD_BYTES = 16 * 1024;
const MAX_BODY_BYTES = 64 * 1024;

const START = Buffer.from('HTTP/1.');
const HEAD_END = Buffer.from('\r\n\r\n');
const LINE_END = Buffer.from('\r\n');
const NOTHING: Buffer = Buffer.alloc(0);

/** How far an answer is: it wants more bytes, is whole, or will never be. */
export type Progress = 'more' | 'whole' | 'broken' | 'too-large';

/** What is read next. */
type Part = 'head' | 'body' | 'to-end' | 'size' | 'chunk' | 'chunk-end' | 'last-end';

/**
 * Reads one answer from the bytes of a connection, in whatever pieces they come. It takes what a
 * server may send by RFC 9112 and no more than we need of it: no extension of a chunk, no trailer,
 * no bare line feed. One for each answer, so that nothing of one is left for another.
 */
export class AnswerReader {
  #part: Part = 'head';
  #progress: Progress = 'more';
  #head: AnswerHead | null = null;
  #headBytes = 0;
  #hasBegun = false;
  /** What has come and is not read yet, from `#at` on. */
  #bytes = NOTHING;
  #at = 0;
  /** Still to come of the body, or of its chunk. */
  #left = 0;
  #body = NOTHING;
  #bodyBytes = 0;

  /** Of the final answer; null until it is whole. */
  get head(): AnswerHead | null {
    return this.#head;
  }

  get body(): Buffer {
    return this.#body.subarray(0, this.#bodyBytes);
  }

  /** Whether any byte has come. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** Whether bytes came behind the whole answer, which nobody has asked for. */
  get hasMore(): boolean {
    return this.#at < this.#bytes.length;
  }

  /** @param bytes that may be written over afterwards: nothing of them is held on to */
  read(bytes: Buffer): Progress {
    this.#bytes = this.hasMore ? Buffer.concat([this.#bytes.subarray(this.#at), bytes]) : bytes;
    this.#at = 0;
    this.#hasBegun = true;
    while (this.#progress === 'more' && this.#readPart());
    if (this.#progress === 'more') {
      this.#bytes = this.hasMore ? Buffer.from(this.#bytes.subarray(this.#at)) : NOTHING;
      this.#at = 0;
    }
    return this.#progress;
  }

  /** The connection has ended: so has the answer, where nothing else tells its end. */
  end(): Progress {
    return this.#part === 'to-end' ? 'whole' : 'broken';
  }

  /** @returns whether another part may follow: not when more bytes are wanted, nor at an end */
  #readPart(): boolean {
    switch (this.#part) {
      case 'head':
        return this.#readHead();
      case 'size':
        return this.#readSize();
      case 'chunk-end':
        return this.#readLineEnd() && this.#goOn('size');
      case 'last-end':
        return this.#readLineEnd() && this.#endAs('whole');
      default:
        return this.#readBody();
    }
  }

  #readHead(): boolean {
    const end = this.#bytes.indexOf(HEAD_END, this.#at);
    const size = (end === -1 ? this.#bytes.length : end + HEAD_END.length) - this.#at;
    if (this.#headBytes + size > MAX_HEAD_BYTES) return this.#endAs('broken');
    // What is no HTTP at all is not waited for.
    const known = Math.min(size, START.length);
    if (START.compare(this.#bytes, this.#at, this.#at + known, 0, known) !== 0)
      return this.#endAs('broken');
    if (end === -1) return false;
    const head = parseAnswerHead(this.#bytes.toString('latin1', this.#at, end + LINE_END.length));
    this.#at += size;
    this.#headBytes += size;
    if (head === null) return this.#endAs('broken');
    // An interim answer says nothing; the final one follows.
    return head.status < 200 || this.#beginBody(head);
  }

  #beginBody(head: AnswerHead): boolean {
    this.#head = head;
    if (head.body === 0) return this.#endAs('whole');
    if (head.body === 'chunked') return this.#goOn('size');
    if (head.body === 'to-end') return this.#goOn('to-end', Number.POSITIVE_INFINITY);
    return this.#reserve(head.body) && this.#goOn('body', head.body);
  }

  /** Source: RFC 9112, section 7.1. */
  #readSize(): boolean {
    const most = Math.min(this.#bytes.length, this.#at + MAX_SIZE_LINE_BYTES);
    const line = this.#bytes.toString('latin1', this.#at, most);
    const end = line.indexOf('\r\n');
    if (end === -1) return CHUNK_SIZE_BEGUN.test(line) ? false : this.#endAs('broken');
    const digits = line.slice(0, end);
    if (!CHUNK_SIZE.test(digits)) return this.#endAs('broken');
    this.#at += end + LINE_END.length;
    const size = Number.parseInt(digits, 16);
    if (size === 0) return this.#goOn('last-end');
    return this.#reserve(size) && this.#goOn('chunk', size);
  }

  #readLineEnd(): boolean {
    const size = Math.min(LINE_END.length, this.#bytes.length - this.#at);
    if (LINE_END.compare(this.#bytes, this.#at, this.#at + size, 0, size) !== 0)
      return this.#endAs('broken');
    if (size < LINE_END.length) return false;
    this.#at += size;
    return true;
  }

  #readBody(): boolean {
    const size = Math.min(this.#left, this.#bytes.length - this.#at);
    if (!this.#reserve(size)) return false;
    this.#bytes.copy(this.#body, this.#bodyBytes, this.#at, this.#at + size);
    this.#bodyBytes += size;
    this.#at += size;
    this.#left -= size;
    if (this.#left > 0) return false;
    return this.#part === 'body' ? this.#endAs('whole') : this.#goOn('chunk-end');
  }

  /** Have room for so many bytes more of the body, if it may have them. */
  #reserve(size: number): boolean {
    const needed = this.#bodyBytes + size;
    if (needed > MAX_BODY_BYTES) return this.#endAs('too-large');
    if (needed > this.#body.length) {
      const body = Buffer.allocUnsafe(Math.max(needed, this.#body.length * 2));
      this.#body.copy(body, 0, 0, this.#bodyBytes);
      this.#body = body;
    }
    return true;
  }

  #goOn(part: Part, left = 0): true {
    this.#part = part;
    this.#left = left;
    return true;
  }

  #endAs(progress: Progress): false {
    this.#progress = progress;
    return false;
  }
}

const CHUNK_SIZE = /^[\da-f]{1,8}$/i;
/** Half of a line as well. */
const CHUNK_SIZE_BEGUN = /^(?:[\da-f]{1,8}\r?)?$/i;
const MAX_SIZE_LINE_BYTES = 10;
