/**
 * An LDAP connection up to the point where it is secure, or authenticated as
 * well: TCP, TLS, SASL GSSAPI (RFC 4752). ldapts knows no GSSAPI, but takes over an established
 * socket. Inside TLS no SASL security layer is needed.
 */
import net from 'node:net';
import tls from 'node:tls';
import kerberos from 'kerberos';
import { Ber, BerReader, BerWriter } from 'ldapts';
import { opened } from '../wire/opened.js';
import { messageLength } from './bounds.js';
import { within } from './silence.js';
import { trustedAuthorities } from './trust.js';

const SUCCESS = 0;
const SASL_BIND_IN_PROGRESS = 14;

/** Tags of RFC 4511 §4.2 and §4.12. */
const BIND_REQUEST = 0x60;
const BIND_RESPONSE = 0x61;
const SASL_CREDENTIALS = 0xa3;
const SERVER_SASL_CREDENTIALS = 0x87;
const EXTENDED_REQUEST = 0x77;
const EXTENDED_RESPONSE = 0x78;
const REQUEST_NAME = 0x80;
const START_TLS = '1.3.6.1.4.1.1466.20037';

/** Of a response to these, in bytes: a ticket's token with room above. */
const MAX_ANSWER = 1 << 16;

/** The server refused, with its result code (RFC 4511 appendix A) and text. */
export class BindRefused extends Error {
  override readonly name = 'BindRefused';
  constructor(
    readonly resultCode: number,
    message: string,
  ) {
    super(message);
  }
}

export interface OpenLimits {
  /** For all of it, and what the KDC takes. */
  readonly timeoutMs: number;
  /** For each answer of the server. */
  readonly patienceMs: number;
}

/**
 * @param principal whose credential is used; undefined: the default one
 * @returns a socket that ldapts can take over
 */
export const openBound = (url: string, principal: string | undefined, limits: OpenLimits) =>
  open(url, limits, (secure, host) => saslBind(secure, host, principal, limits.patienceMs));

/** Without a bind the server takes us for anonymous, RFC 4511 §4.2. */
export const openAnonymous = (url: string, limits: OpenLimits) =>
  open(url, limits, () => Promise.resolve());

/**
 * @param url ldaps://HOST[:PORT], or ldap://HOST[:PORT], which is upgraded by StartTLS
 * @param bind what is done before ldapts has the socket
 */
async function open(
  url: string,
  { timeoutMs, patienceMs }: OpenLimits,
  bind: (secure: tls.TLSSocket, host: string) => Promise<void>,
): Promise<tls.TLSSocket> {
  const { protocol, hostname: host, port } = new URL(url);
  const implicit = protocol === 'ldaps:';
  const tcp = net.connect({ host, port: Number(port) || (implicit ? 636 : 389), noDelay: true });
  tcp.on('error', ignored);
  const connect = async () => {
    await within(patienceMs, opened(tcp));
    if (!implicit) await startTls(tcp, patienceMs);
    const secure = tls.connect({
      socket: tcp,
      host,
      ca: trustedAuthorities(),
      ...serverName(host),
    });
    secure.on('error', ignored);
    await within(patienceMs, opened(secure, 'secureConnect'));
    await bind(secure, host);
    return secure;
  };
  try {
    // Closing the socket is not enough: the wait may be for the KDC.
    return await within(timeoutMs, connect());
  } catch (error) {
    tcp.destroy();
    throw error;
  }
}

/** Errors show where something is awaited; between two waits nobody else listens. */
const ignored = () => undefined;

/** SNI takes names alone; an address is checked against the certificate all the same. */
const serverName = (host: string) => (net.isIP(host) === 0 ? { servername: host } : {});

async function startTls(socket: net.Socket, patienceMs: number): Promise<void> {
  const exchange = new Exchange(socket, patienceMs);
  try {
    const { reader } = await exchange.call(EXTENDED_REQUEST, EXTENDED_RESPONSE, (writer) =>
      writer.writeString(START_TLS, REQUEST_NAME),
    );
    readResult(reader, [SUCCESS]);
  } finally {
    exchange.detach();
  }
}

async function saslBind(
  socket: net.Socket,
  host: string,
  principal: string | undefined,
  patienceMs: number,
): Promise<void> {
  const client = await kerberos.initializeClient(`ldap@${host}`, {
    mechOID: kerberos.GSS_MECH_OID_KRB5,
    ...(principal !== undefined && { principal }),
  });
  const exchange = new Exchange(socket, patienceMs);
  const send = async (credentials: string | undefined) => {
    const { reader, end } = await exchange.call(BIND_REQUEST, BIND_RESPONSE, (writer) => {
      writer.writeInt(3);
      writer.writeString('');
      writer.startSequence(SASL_CREDENTIALS);
      writer.writeString('GSSAPI');
      if (credentials !== undefined) {
        writer.writeBuffer(Buffer.from(credentials, 'base64'), Ber.OctetString);
      }
      writer.endSequence();
    });
    const code = readResult(reader, [SUCCESS, SASL_BIND_IN_PROGRESS]);
    return { code, challenge: readCredentials(reader, end) };
  };
  try {
    let answer = await send((await client.step('')) || undefined);
    while (!client.contextComplete) {
      // Empty, or null whatever its type says: there is nothing more to send.
      answer = await send((await client.step(answer.challenge)) || undefined);
    }
    // RFC 4752 §3.1: the server offers its layers, the client chooses none.
    const offer = await client.unwrap(answer.challenge);
    const { code } = await send(await client.wrap(offer, { user: '' }));
    if (code !== SUCCESS) throw new BindRefused(code, 'the bind did not complete');
  } finally {
    exchange.detach();
  }
}

/** LDAP messages over a socket that no LDAP library has yet: one at a time. */
class Exchange {
  private messageId = 0;
  private received = Buffer.alloc(0);
  private wake: () => void = () => undefined;
  private readonly onData = (chunk: Buffer) => {
    this.received = Buffer.concat([this.received, chunk]);
    this.wake();
  };
  private failure: Error | undefined;
  private readonly onEnd = (error?: Error) => {
    this.failure ??= error instanceof Error ? error : new Error('the server closed the connection');
    this.wake();
  };

  constructor(
    private readonly socket: net.Socket,
    private readonly patienceMs: number,
  ) {
    socket.on('data', this.onData);
    socket.on('error', this.onEnd);
    socket.on('close', this.onEnd);
    if (socket.destroyed) this.onEnd();
  }

  /** Leaves the socket as it was found. */
  detach(): void {
    this.socket.off('data', this.onData);
    this.socket.off('error', this.onEnd);
    this.socket.off('close', this.onEnd);
  }

  /** @returns a reader inside the response, and the offset at which it ends */
  async call(
    request: number,
    response: number,
    write: (writer: BerWriter) => void,
  ): Promise<{ reader: BerReader; end: number }> {
    const writer = new BerWriter();
    writer.startSequence();
    writer.writeInt((this.messageId += 1));
    writer.startSequence(request);
    write(writer);
    writer.endSequence();
    writer.endSequence();
    this.socket.write(writer.buffer);
    const reader = new BerReader(await within(this.patienceMs, this.message()));
    reader.readSequence();
    reader.readInt();
    if (reader.readSequence() !== response) throw new Error('the server does not speak LDAP');
    return { reader, end: reader.offset + reader.length };
  }

  private async message(): Promise<Buffer> {
    for (;;) {
      const length = messageLength(this.received, MAX_ANSWER);
      if (length !== undefined && this.received.length >= length) {
        const message = this.received.subarray(0, length);
        this.received = this.received.subarray(length);
        return message;
      }
      if (this.failure !== undefined) throw this.failure;
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }
}

/** LDAPResult, RFC 4511 §4.1.9. @throws BindRefused */
function readResult(reader: BerReader, accepted: readonly number[]): number {
  const code = reader.readEnumeration() ?? -1;
  reader.readString();
  const diagnostic = reader.readString() ?? '';
  if (!accepted.includes(code)) throw new BindRefused(code, diagnostic);
  return code;
}

/** The serverSaslCreds of a BindResponse as base64; empty if there are none. */
function readCredentials(reader: BerReader, end: number): string {
  if (reader.offset >= end || reader.peek() !== SERVER_SASL_CREDENTIALS) return '';
  return (reader.readString(SERVER_SASL_CREDENTIALS, true) ?? Buffer.alloc(0)).toString('base64');
}
