/** A directory server that answers as a test says: TLS, and BER of our own. */
import { mkdtemp } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import tls from 'node:tls';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { BerReader, BerWriter } from 'ldapts';
import { makeCertificates } from '../../sandbox/certificates.js';
import { folder } from './realm.js';

/** What came, and how to answer it. */
export interface HostileConnection {
  /** The tag of the request. */
  readonly request: number;
  readonly messageId: number;
  readonly socket: tls.TLSSocket;
  /** Again and again, as fast as it is read, until the client has gone. */
  readonly flood: (bytes: Buffer) => void;
}

export interface HostileLdap {
  readonly url: string;
  /** For LDAPTLS_CACERT. */
  readonly authority: string;
  answer: (connection: HostileConnection) => void;
  /** How many connections there were. */
  connections: number;
  /** What the sockets have taken, in bytes. */
  sent(): number;
  stop(): void;
}

export async function startHostileLdap(): Promise<HostileLdap> {
  const own = await mkdtemp(path.join(folder, 'hostile-ldap-'));
  const { authority, certificate, key } = await makeCertificates(own, '127.0.0.1');
  const sockets = new Set<tls.TLSSocket>();
  let gone = 0;
  const server = tls.createServer(
    { cert: readFileSync(certificate), key: readFileSync(key) },
    (socket) => {
      hostile.connections += 1;
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        gone += socket.bytesWritten;
        sockets.delete(socket);
      });
      socket.on('data', (bytes: Buffer) => {
        const reader = new BerReader(bytes);
        reader.readSequence();
        const messageId = reader.readInt() ?? 0;
        const request = reader.readSequence() ?? 0;
        hostile.answer({ request, messageId, socket, flood: (each) => flood(socket, each) });
      });
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const hostile: HostileLdap = {
    url: `ldaps://127.0.0.1:${port}`,
    authority,
    answer: () => undefined,
    connections: 0,
    sent: () => [...sockets].reduce((sum, { bytesWritten }) => sum + bytesWritten, gone),
    stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
  return hostile;
}

function flood(socket: tls.TLSSocket, bytes: Buffer): void {
  const go = () => {
    while (!socket.destroyed && socket.write(bytes));
  };
  socket.on('drain', go);
  go();
}

/** An LDAP message with one operation in it. */
export function ldapMessage(
  messageId: number,
  operation: number,
  write: (writer: BerWriter) => void,
): Buffer {
  const writer = new BerWriter();
  writer.startSequence();
  writer.writeInt(messageId);
  writer.startSequence(operation);
  write(writer);
  writer.endSequence();
  writer.endSequence();
  return writer.buffer;
}

/** A SearchResultEntry, RFC 4511 §4.5.2. */
export const entry = (messageId: number, dn: string, values: Record<string, string[]>): Buffer =>
  ldapMessage(messageId, 0x64, (writer) => {
    writer.writeString(dn);
    writer.startSequence();
    for (const [type, each] of Object.entries(values)) {
      writer.startSequence();
      writer.writeString(type);
      writer.startSequence(0x31);
      for (const value of each) writer.writeString(value);
      writer.endSequence();
      writer.endSequence();
    }
    writer.endSequence();
  });

/** A SearchResultReference. */
export const reference = (messageId: number, url: string): Buffer =>
  ldapMessage(messageId, 0x73, (writer) => writer.writeString(url));

/** A SearchResultDone. @param cookie of the next page */
export function done(messageId: number, code = 0, text = '', cookie?: string): Buffer {
  const writer = new BerWriter();
  writer.startSequence();
  writer.writeInt(messageId);
  writer.startSequence(0x65);
  writer.writeEnumeration(code);
  writer.writeString('');
  writer.writeString(text);
  writer.endSequence();
  if (cookie !== undefined) {
    const value = new BerWriter();
    value.startSequence();
    value.writeInt(0);
    value.writeString(cookie);
    value.endSequence();
    writer.startSequence(0xa0);
    writer.startSequence();
    writer.writeString('1.2.840.113556.1.4.319');
    writer.writeBuffer(value.buffer, 0x04);
    writer.endSequence();
    writer.endSequence();
  }
  writer.endSequence();
  return writer.buffer;
}
