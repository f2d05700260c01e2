/**
 * Sends bodies as they are, whatever they are: one request a line on standard
 * input, `{"id", "hex"}`, one reply a line on standard output, the hex of the
 * body or null if the connection was closed without one. Arguments: HOST ADDRESS PORT.
 */
import { createInterface } from 'node:readline';
import { Connection } from '../../src/ceoc/connection.js';

const [host = '', address = '', port = ''] = process.argv.slice(2);
const timeouts = { connectMs: 10_000, replyMs: 60_000 };
const open = () => Connection.open({ host, address, port: Number(port) }, timeouts);

let connection = await open();
for await (const line of createInterface({ input: process.stdin })) {
  const { id, hex } = JSON.parse(line) as { id: number; hex: string };
  if (!connection.usable) connection = await open();
  try {
    const info = { opId: id, opName: String(id), lookUp: '' };
    const reply = await connection.call(info, Buffer.from(hex, 'hex'));
    console.log(JSON.stringify(reply.toString('hex')));
  } catch {
    console.log('null');
  }
}
connection.close();
