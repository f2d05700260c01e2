/** Programs run inside the sandbox that jest started. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** The contract's variable; a test that needs one that is missing fails by its name. */
export function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: no sandbox`);
  return value;
}

export const folder = variable('CEO_SANDBOX');

/** The credential cache of a demo user. */
export const ccache = (username: string): string => `FILE:${join(folder, 'ccaches', username)}`;

export interface Outcome {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a program to its end with extra variables and this standard input. */
export function run(
  [command, ...args]: readonly [string, ...string[]],
  options: { env?: Record<string, string>; input?: string } = {},
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env: { ...process.env, ...options.env } });
    const outcome: Outcome = { status: null, stdout: '', stderr: '' };
    child.stdout.on('data', (chunk: Buffer) => (outcome.stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (outcome.stderr += chunk.toString()));
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
    child.once('error', reject);
    child.once('close', (status) => {
      resolve({ ...outcome, status });
    });
  });
}

/** Runs an OpenLDAP client program as this person, by SASL GSSAPI. */
export function ldap(
  who: string,
  program: string,
  args: readonly string[],
  input = '',
): Promise<Outcome> {
  return run([program, '-Q', '-Y', 'GSSAPI', '-H', variable('LDAP_URI'), ...args], {
    env: { KRB5CCNAME: ccache(who) },
    input,
  });
}

/** Runs one kadmin query as ceod's admin principal. */
export function kadmin(query: readonly string[], input = ''): Promise<Outcome> {
  const keytab = join(folder, 'keytabs', 'admin.keytab');
  return run(['kadmin', '-k', '-t', keytab, '-p', 'ceod/admin@CSCLUB.TEST', ...query], { input });
}
