/**
 * What a directory server may send for one operation. ldapts keeps all of an answer until its end
 * has come: how much that is would otherwise be for the server to say.
 */
import type { Socket } from 'node:net';
import { CeoError } from '../errors.js';

/** Far more than all accounts of a large site take. */
const MAX_BYTES = 64 << 20;
const MAX_MESSAGES = 100_000;
/** One entry: the longest is a group with all of its members. */
const MAX_MESSAGE_BYTES = 16 << 20;

/** Counts what comes in, and closes a connection that brings more than may be. */
export class Intake {
  /** Why it closed the connection. */
  excess: string | undefined;
  private bytes = 0;
  private messages = 0;
  private header: Buffer = Buffer.alloc(0);
  /** What is to come of the message that has begun. */
  private rest = 0;

  /** @param socket at the beginning of a message; whoever else reads it gets all of it as well */
  constructor(private readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => {
      if (this.excess === undefined) this.count(chunk);
    });
  }

  /** An operation is over: what follows counts anew. */
  renew(): void {
    this.bytes = 0;
    this.messages = 0;
  }

  private count(chunk: Buffer): void {
    this.bytes += chunk.length;
    if (this.bytes > MAX_BYTES) {
      this.close(`the server sends more than ${MAX_BYTES >> 20} MB for one answer`);
      return;
    }
    try {
      this.follow(chunk);
    } catch (error) {
      this.close((error as Error).message);
    }
  }

  private follow(chunk: Buffer): void {
    for (let offset = 0; offset < chunk.length;) {
      if (this.rest > 0) {
        const piece = Math.min(this.rest, chunk.length - offset);
        this.rest -= piece;
        offset += piece;
        continue;
      }
      this.header = Buffer.concat([this.header, chunk.subarray(offset, offset + 1)]);
      offset += 1;
      const length = messageLength(this.header, MAX_MESSAGE_BYTES);
      if (length === undefined) continue;
      this.rest = length - this.header.length;
      this.header = Buffer.alloc(0);
      this.messages += 1;
      if (this.messages > MAX_MESSAGES)
        throw new Error(`the server sends more than ${MAX_MESSAGES} entries for one answer`);
    }
  }

  private close(excess: string): void {
    this.excess = excess;
    this.socket.destroy();
  }
}

const SEQUENCE = 0x30;

/**
 * Length of the LDAP message that begins here, if its header is there (RFC 4511 §5.1).
 * @throws Error, for people: what begins here is none, or longer than may be
 */
export function messageLength(bytes: Buffer, limit: number): number | undefined {
  const [tag, first] = bytes;
  if (tag !== undefined && tag !== SEQUENCE) throw new Error(NO_LDAP);
  if (first === undefined) return undefined;
  if (first < 0x80) return 2 + first;
  // Microsoft's servers use four, whatever the length is.
  const count = first & 0x7f;
  if (count < 1 || count > 4) throw new Error(NO_LDAP);
  if (bytes.length < 2 + count) return undefined;
  const length = bytes.readUIntBE(2, count);
  if (length > limit) throw new Error(`the server sends a message of ${length} bytes`);
  return 2 + count + length;
}

const NO_LDAP = 'the server does not speak LDAP';

/** How much longer than one answer a search of many pages may take. */
const TIMEOUTS = 4;

/**
 * The pages of a search, as long as they are not too many.
 * @throws CeoError unreachable
 */
export async function* boundedPages<Page>(
  pages: AsyncIterable<Page>,
  timeoutMs: number,
): AsyncGenerator<Page, void, undefined> {
  const deadline = performance.now() + TIMEOUTS * timeoutMs;
  for await (const page of pages) {
    if (performance.now() > deadline)
      throw unusable(`an answer takes more than ${(TIMEOUTS * timeoutMs) / 1000} s`);
    yield page;
  }
}

/** @param setting which has the server's URL */
export const unusable = (
  why: string,
  setting = 'ldap_server_url in accounts.cf',
  cause?: unknown,
): CeoError =>
  new CeoError('unreachable', `The directory cannot be used: ${why}.`, {
    next: `Look at the server that ${setting} names: is it the right one, and does it run?`,
    cause,
  });
