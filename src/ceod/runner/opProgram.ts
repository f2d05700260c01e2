#!/usr/bin/env node
/**
 * op-adduser, op-mail, op-mysql, op-mailman…: one op as a program, with the
 * contract of the legacy daemon's (see external.ts): the request on standard
 * input, the response on standard output, CEO_USER and CEO_CONFIG_DIR in the
 * environment. Exit status 1 and no output: the connection is to be closed.
 */
import os from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { configDir, loadAccounts, loadCeod } from '../../config/settings.js';
import { ops, type MethodName } from '../../protocol/ops.js';
import { concealMemory } from '../../process/confine.js';
import { exitNow } from '../../process/libc.js';
import { CeoError } from '../../errors.js';
import { VERSION } from '../../version.js';
import { runnerCredential } from '../base/config.js';
import { Dispatcher } from './dispatcher.js';
import { createLogger } from '../base/log.js';
import { takeEnvironment } from '../base/environment.js';
import { builtIn } from './handlers.js';
import { permissionProblems, refusal } from '../base/reliance.js';
import { isRoot, Site } from '../site/site.js';

process.umask(0o077);
concealMemory();

const log = createLogger('op', 'warn');

function methodToServe(): MethodName {
  const program = path.basename(process.argv[1] ?? '');
  const name = /^op-(.+)$/.exec(program)?.[1] ?? process.argv[2] ?? '';
  const method = (Object.keys(ops) as MethodName[]).find((each) => ops[each].name === name);
  if (method === undefined) throw new CeoError('usage', `There is no operation "${name}".`);
  return method;
}

async function main(): Promise<Uint8Array | undefined> {
  if (process.argv.includes('--version')) return Buffer.from(`${VERSION}\n`);
  const method = methodToServe();
  const user = process.env['CEO_USER'] ?? '';
  const dir = configDir();
  const loaded = [loadAccounts(dir), loadCeod(dir)] as const;
  const [{ settings: accounts }, { settings: ceod }] = loaded;
  const isAdmin = isRoot();
  const unixUser = os.userInfo().username;
  takeEnvironment(runnerCredential(ceod, unixUser, isAdmin));
  if (isAdmin) {
    const { id, name } = ops[method];
    const problems = await permissionProblems({
      accounts,
      // Whatever a daemon would let a program do: this is the program.
      ceod: { ...ceod, externalOps: [] },
      files: loaded.flatMap(({ files }) => files),
      ownRoutes: [{ id, name, user: unixUser }],
      isDaemon: false,
    });
    if (problems.length > 0) throw refusal(problems);
  }
  const site = new Site({ accounts, ceod, hostname: os.hostname(), ownRoutes: [] }, isAdmin, log);
  const { id } = ops[method];
  const realm = accounts.krb5Realm;
  const dispatcher = new Dispatcher(
    new Map([[id, await builtIn(method, site)]]),
    realm,
    (username) => site.authority.caller(username),
    log,
  );
  const plaintext = await buffer(process.stdin);
  try {
    return await dispatcher.dispatch({ opId: id, principal: `${user}@${realm}`, plaintext });
  } finally {
    site.close();
  }
}

// Should it wait for what never comes, Node ends the process.
process.exitCode = 1;
void main()
  .catch((error: unknown) => {
    log.error({ err: error }, 'the op cannot be executed');
    return undefined;
  })
  .then((reply) => {
    const status = reply === undefined ? 1 : 0;
    // What could not be undone yet is left to the next process: the reply must not wait for it.
    process.stdout.write(reply ?? '', () => exitNow(status));
  });
