import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ccache, ginseng, variable, type DemoUser } from './realm.js';

/** Sends raw bodies as a demo user, over one connection that is opened again when it was closed. */
export class Sender {
  private readonly child: ChildProcess;
  private readonly replies: AsyncIterator<string>;

  constructor(user: DemoUser, target = variable('CEOD_GINSENG')) {
    const program = fileURLToPath(new URL('send.ts', import.meta.url));
    const [address = '', port = ''] = target.split(':');
    this.child = spawn(process.execPath, ['--import', 'tsx', program, ginseng, address, port], {
      env: { ...process.env, KRB5CCNAME: ccache(user) },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    if (this.child.stdout === null) throw new Error('no output');
    this.replies = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  /** @returns the body of the reply; undefined if the connection was closed without one */
  async send(id: number, hex: string): Promise<Buffer | undefined> {
    this.child.stdin?.write(`${JSON.stringify({ id, hex })}\n`);
    const result = await this.replies.next();
    if (result.done === true) throw new Error('the sender ended');
    const reply = JSON.parse(result.value) as string | null;
    return reply === null ? undefined : Buffer.from(reply, 'hex');
  }

  close(): void {
    this.child.stdin?.end();
  }
}
