/** Mail: a sendmail(8) of the sandbox's own, and the server that keeps what it sends. */
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, isListening } from './network.js';
import { startServer, type Server } from './server.js';
import { LIST_DOMAIN } from './site.js';

export interface MailSinkOptions {
  folder: string;
  /** Where it listens. */
  address: string;
  /** Its environment. */
  env: Readonly<Record<string, string>>;
}

export interface MailSink {
  servers: readonly [Server];
  clientEnv: {
    /** A Maildir of root's: every message is a file in new/. */
    readonly CEO_MAILDIR: string;
    readonly CEO_SENDMAIL: string;
  };
}

/**
 * Starts the server, and writes bin/sendmail, which everybody may run: it has all
 * it needs in its arguments, as msmtp takes no configuration file of another user.
 */
export async function startMailSink(options: MailSinkOptions): Promise<MailSink> {
  const { folder, address, env } = options;
  const port = await freePort(address);
  const maildir = join(folder, 'mail');
  const sendmail = join(folder, 'bin', 'sendmail');
  await writeFile(
    sendmail,
    `#!/bin/sh\nexec msmtp --host=${address} --port=${port} --from=%U@${LIST_DOMAIN} "$@"\n`,
  );
  await chmod(sendmail, 0o755);
  const sink = await startServer({
    name: 'mailsink',
    command: [
      // Not whatever python3 is first on the PATH: Debian's, which has the package.
      ...(['/usr/bin/python3', '-m', 'aiosmtpd', '-n', '-l', `${address}:${port}`] as const),
      ...['-c', 'aiosmtpd.handlers.Mailbox', maildir],
    ],
    env,
    log: join(folder, 'log', 'mailsink.log'),
    ready: () => isListening(address, port),
  });
  return { servers: [sink], clientEnv: { CEO_MAILDIR: maildir, CEO_SENDMAIL: sendmail } };
}
