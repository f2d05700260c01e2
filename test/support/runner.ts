/** A runner of a test's own, spoken to over its channel. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { openSync } from 'node:fs';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { Channel } from '../../src/ceod/between/channel.js';
import { decodeBody, encodeBody } from '../../src/protocol/body.js';
import { ops } from '../../src/protocol/ops.js';
import type { StatusLine } from '../../src/protocol/status.js';
import { AddUserSchema, UpdateMailSchema } from '../../src/generated/ceo/ceo_pb.js';
import type { OwnHost } from './ownCeod.js';
import { folder } from './realm.js';

export type Moment = 'before' | 'after';

export class TestRunner {
  private readonly channel: Channel;
  private readonly exit: Promise<void>;

  private constructor(
    private readonly child: ChildProcessByStdio<Writable, Readable, null>,
    private readonly socketPath: string,
    private readonly lines: AsyncIterator<string>,
  ) {
    this.channel = new Channel(socketPath, 1_000);
    this.exit = new Promise((resolve) => child.once('exit', () => resolve()));
  }

  /** Starts it; resolves when it has recovered what was left and serves. */
  static async start(host: OwnHost): Promise<TestRunner> {
    const program = fileURLToPath(new URL('faultyRunner.ts', import.meta.url));
    const socketPath = path.join(host.dir, 'runner.sock');
    const log = openSync(path.join(host.dir, 'runner.log'), 'a');
    const child = spawn(process.execPath, ['--import', 'tsx', program, socketPath], {
      env: {
        ...process.env,
        ...host.env,
        KRB5_CLIENT_KTNAME: `FILE:${folder}/keytabs/admin.keytab`,
        KRB5CCNAME: 'MEMORY:ceod',
      },
      stdio: ['pipe', 'pipe', log],
    }) as unknown as TestRunner['child'];
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const runner = new TestRunner(child, socketPath, lines);
    await runner.said('serving');
    return runner;
  }

  /** Waits for a line of its output. */
  async said(text: string): Promise<void> {
    const result = await this.lines.next();
    const said = result.done === true ? 'nothing more' : result.value;
    if (said !== text) throw new Error(`the runner said ${said}, not ${text}`);
  }

  /** Arms one fault. */
  async arm(step: string, moment: Moment, what: 'fail' | 'kill' | 'pause-and-fail'): Promise<void> {
    this.child.stdin.write(`${step.replaceAll(' ', '_')} ${moment} ${what}\n`);
    await this.said('armed');
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /** @throws Error if the runner ended before it replied */
  async addUser(
    request: MessageInitShape<typeof AddUserSchema>,
    principal = 'ctdalek@CSCLUB.TEST',
  ): Promise<StatusLine[]> {
    const { id, input, output, encoding } = ops.addUser;
    return this.call(id, principal, encodeBody(input, encoding, request), (reply) =>
      decodeBody(output, encoding, reply),
    );
  }

  async mail(
    request: MessageInitShape<typeof UpdateMailSchema>,
    principal = 'ctdalek@CSCLUB.TEST',
  ): Promise<StatusLine[]> {
    const { id, input, output, encoding } = ops.updateMail;
    return this.call(id, principal, encodeBody(input, encoding, request), (reply) =>
      decodeBody(output, encoding, reply),
    );
  }

  /** A further channel to the same runner, for requests at the same time. */
  another(): TestRunner {
    return new TestRunner(this.child, this.socketPath, this.lines);
  }

  async end(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exit;
  }

  async ended(): Promise<void> {
    await this.exit;
  }

  private async call(
    opId: number,
    principal: string,
    plaintext: Uint8Array,
    decode: (reply: Uint8Array) => { messages: StatusLine[] },
  ): Promise<StatusLine[]> {
    const origin = { trace: '3f9a1c02', peer: '192.0.2.7 port 4711' };
    const request = { opId, principal, ...origin, plaintext: Buffer.from(plaintext) };
    const reply = await this.channel.call(request);
    if (reply === undefined) throw new Error('the runner closed the connection');
    return decode(reply.body).messages;
  }
}
