#!/usr/bin/env node
/** The program ceod: reads the command line and the configuration, runs the master. */
import { fork, spawn, spawnSync } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { asCeoError, CeoError, exitStatus, messageOf } from '../../errors.js';
import { printable } from '../../printable.js';
import { concealMemory } from '../../process/confine.js';
import { VERSION } from '../../version.js';
import { loadDaemonConfig, requireOpFiles, requireOps, type DaemonConfig } from '../base/config.js';
import { identityProblems } from './identities.js';
import { createLogger } from '../base/log.js';
import { takeEnvironment } from '../base/environment.js';
import { Master, requireUsers } from './master.js';
import { removePidFile, writePidFile } from './pidFile.js';
import { permissionProblems, refusal } from '../base/reliance.js';
import { together } from '../base/together.js';

const HELP = `Usage: ceod [-d] [-q] [--check-config]
       ceod --check [--json] [--accept FILE]

The daemon that executes the operations which ops/* routes to this host, for
users authenticated by Kerberos. Its configuration is in CEO_CONFIG_DIR, or else
/etc/csc. It logs to standard error, one JSON object a line.

Options:
  -d              detach: run in the background, log through logger(1), pid in
                  ceod.pid of runtime_dir
  -q              log warnings and errors only
  --check-config  read everything, say what is wrong, and end
  --check         ask everything that this host needs whether it is fine, say what
                  is not, and end: status 1 if anything, 2 if something could not
                  be asked
  --json          what --check found, as one object
  --accept FILE   findings that do not count for now: lines "ID YYYY-MM-DD REASON"
  --version       show the version
  -h, --help      show this

SIGTERM, SIGINT and SIGHUP finish the operations in hand, then end; a further one
changes nothing.
`;

/** Of what it says when it does not start: commands are not to be cut. */
const MAX_LENGTH = 20_000;

async function main(): Promise<void> {
  const { values } = parseCommandLine();
  if (values.help === true || values.version === true) {
    process.stdout.write(values.help === true ? HELP : `${VERSION}\n`);
    return;
  }
  if (values.check === true) {
    process.exitCode = check(values);
    return;
  }
  if (values.json === true || values.accept !== undefined) {
    throw new CeoError('usage', '--json and --accept go with --check.', {
      next: 'See ceod --help.',
    });
  }
  const config = await loadDaemonConfig();
  if (values['check-config'] === true) {
    for (const warning of config.warnings) process.stdout.write(`warning: ${warning}\n`);
  }
  await together({
    ops: () => requireOps(config),
    files: () => requireOpFiles(config),
    users: () => requireUsers(config),
    permissions: () => requirePermissions(config),
  });
  if (values['check-config'] === true) {
    const ops = config.ownRoutes.map(({ name }) => name).join(', ');
    process.stdout.write(`The configuration is good. Ops of ${config.hostname}: ${ops}.\n`);
    return;
  }
  if (values.d === true) {
    await writePidFile(config.ceod, await detach(values.q === true));
    return;
  }
  const level = values.q === true ? 'warn' : config.ceod.logLevel;
  const log = createLogger('master', level);
  for (const warning of config.warnings) log.warn(warning);
  if (process.getuid?.() !== 0) log.warn('not started by root: everything runs as this one user');
  const master = new Master({ ...config, ceod: { ...config.ceod, logLevel: level } }, log);
  let isStopping = false;
  const stop = () => {
    // Whoever does not want to wait for the ops in hand has SIGKILL.
    if (isStopping) {
      log.info('stopping already: the ops in hand are being finished');
      return;
    }
    isStopping = true;
    void master
      .stop()
      .then(() => removePidFile(config.ceod))
      .catch((err: unknown) => log.warn({ err }, 'the pid file cannot be removed'))
      .then(() => {
        log.info('stopped');
        process.exit(0);
      });
  };
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) process.on(signal, stop);
  await master.start();
  // Whoever detached it waits for this.
  process.send?.('started');
  if (process.connected) process.disconnect();
}

/** @throws CeoError config, if root would rely on what others can change */
async function requirePermissions(config: DaemonConfig): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const problems = [
    ...(await permissionProblems({ ...config, isDaemon: true })),
    ...(await identityProblems(config)),
  ];
  if (problems.length > 0) throw refusal(problems);
}

function parseCommandLine() {
  try {
    return parseArgs({
      options: {
        d: { type: 'boolean', short: 'd' },
        q: { type: 'boolean', short: 'q' },
        'check-config': { type: 'boolean' },
        check: { type: 'boolean' },
        json: { type: 'boolean' },
        accept: { type: 'string' },
        version: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new CeoError('usage', messageOf(error), {
      next: 'See ceod --help.',
    });
  }
}

/** Runs the program that asks (src/ceod/check/). @returns its exit status */
function check({ json, accept }: { json?: boolean; accept?: string }): number {
  const args = [
    ...(json === true ? ['--json'] : []),
    ...(accept === undefined ? [] : [`--accept=${path.resolve(accept)}`]),
  ];
  const program = path.join(import.meta.dirname, 'check.js');
  const { status } = spawnSync(process.execPath, [program, ...args], { stdio: 'inherit' });
  return status ?? exitStatus.failed;
}

/**
 * Starts the same daemon in a session of its own, its log piped to logger(1).
 * @returns its pid, when it serves @throws CeoError if it ends before that
 */
async function detach(quiet: boolean): Promise<number> {
  const logger = spawn('logger', ['-t', 'ceod'], {
    detached: true,
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const daemon = fork(import.meta.filename, quiet ? ['-q'] : [], {
    detached: true,
    cwd: '/',
    execArgv: [],
    stdio: ['ignore', 'ignore', logger.stdin, 'ipc'],
  });
  const status = await new Promise<number | undefined>((resolve) => {
    daemon.once('message', () => resolve(undefined));
    daemon.once('exit', (code) => resolve(code ?? exitStatus.failed));
    daemon.once('error', () => resolve(exitStatus.failed));
  });
  logger.stdin.destroy();
  logger.unref();
  daemon.unref();
  if (status === undefined && daemon.pid !== undefined) return daemon.pid;
  throw new CeoError('failed', `ceod ended with status ${status ?? 'unknown'} before it served.`, {
    next: 'Its log says why: journalctl -t ceod; or start it without -d.',
  });
}

process.umask(0o077);
takeEnvironment();
concealMemory();
main().catch((error: unknown) => {
  const message = messageOf(error);
  process.stderr.write(`ceod: ${printable(message, MAX_LENGTH)}\n`);
  if (error instanceof CeoError && error.next !== undefined) {
    process.stderr.write(`      ${printable(error.next, MAX_LENGTH)}\n`);
  }
  // Not by itself: what was started may keep the process alive.
  process.exit(exitStatus[asCeoError(error).code]);
});
