#!/usr/bin/env node
/** The program ceod: reads the command line and the configuration, runs the master. */
import { fork, spawn, spawnSync } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { asCeoError, CeoError, exitStatus, messageOf } from '../../errors.js';
import { complain } from '../../complaint.js';
import { printable } from '../../printable.js';
import { concealMemory } from '../../process/confine.js';
import { VERSION } from '../../version.js';
import {
  loadDaemonConfig,
  requireOpFiles,
  requireOps,
  settingsInForce,
  type DaemonConfig,
} from '../base/config.js';
import { command } from './commands.js';
import { identityProblems } from './identities.js';
import { createLogger } from '../base/log.js';
import { takeEnvironment } from '../base/environment.js';
import { Master } from './master.js';
import { requireUsers } from './users.js';
import { Reloading } from './reload.js';
import { supervisor } from './systemd.js';
import { removePidFile, writePidFile } from './pidFile.js';
import { permissionProblems, refusal } from '../base/reliance.js';
import { together } from '../base/together.js';

const HELP = `Usage: ceod [-d] [-q] [--check-config | --print-config]
       ceod --check [--json] [--accept FILE]
       ceod status [--json | --prometheus] | unban ADDRESS

The daemon that executes the operations which ops/* routes to this host, for
users authenticated by Kerberos. Its configuration is in CEO_CONFIG_DIR, or else
/etc/csc. It logs to standard error, one JSON object a line.

status tells root of the daemon that runs: sessions, queue, runners, penalties,
journals, the last failures; --prometheus as node_exporter's textfile collector
takes it. unban lifts the penalties of an address.

Options:
  -d              detach: run in the background, log through logger(1), pid in
                  ceod.pid of runtime_dir
  -q              log warnings and errors only
  --check-config  read everything, say what is wrong, and end
  --print-config  show every setting that counts on this host, secrets masked, and end
  --check         ask everything that this host needs whether it is fine, say what
                  is not, and end: status 1 if anything, 2 if something could not
                  be asked
  --json          what --check found, or status, as one object
  --accept FILE   findings that do not count for now: lines "ID YYYY-MM-DD REASON"
  --version       show the version
  -h, --help      show this

SIGTERM and SIGINT finish the operations in hand, then end; a further one changes
nothing. SIGHUP reads the configuration again: new connections are served by it,
unless something is wrong with it.
`;

/** Of what it says when it does not start: commands are not to be cut. */
const MAX_LENGTH = 20_000;

const shownLine = (line: string) => `${printable(line, MAX_LENGTH)}\n`;

async function main(): Promise<void> {
  const { values, positionals } = parseCommandLine();
  if (values.help === true || values.version === true) {
    process.stdout.write(values.help === true ? HELP : `${VERSION}\n`);
    return;
  }
  if (values.check === true) {
    process.exitCode = check(values);
    return;
  }
  if (positionals.length > 0) {
    const { json = false, prometheus = false } = values;
    process.stdout.write(`${await command(positionals, { json, prometheus })}\n`);
    return;
  }
  if (values.json === true || values.accept !== undefined) {
    throw new CeoError('usage', '--json and --accept go with --check.', {
      next: 'See ceod --help.',
    });
  }
  const config = await loadDaemonConfig();
  if (values['print-config'] === true) {
    process.stdout.write(settingsInForce(config).map(shownLine).join(''));
    return;
  }
  if (values['check-config'] === true) {
    for (const warning of config.warnings) process.stdout.write(`warning: ${warning}\n`);
  }
  await requireAll(config);
  if (values['check-config'] === true) {
    const ops = config.ownRoutes.map(({ name }) => name).join(', ');
    process.stdout.write(`The configuration is good. Ops of ${config.hostname}: ${ops}.\n`);
    return;
  }
  if (values.d === true) {
    await writePidFile(config.ceod, await detach(values.q === true));
    return;
  }
  const quiet = (read: DaemonConfig) =>
    values.q === true ? { ...read, ceod: { ...read.ceod, logLevel: 'warn' as const } } : read;
  await serve(quiet(config), async () => quiet(await requireAll(await loadDaemonConfig())));
}

/** Everything that must be in order before it serves. @throws CeoError config, of all that is not */
async function requireAll(config: DaemonConfig): Promise<DaemonConfig> {
  await together({
    ops: () => requireOps(config),
    files: () => requireOpFiles(config),
    users: () => requireUsers(config),
    permissions: () => requirePermissions(config),
  });
  return config;
}

/** @param read the configuration again, checked */
async function serve(config: DaemonConfig, read: () => Promise<DaemonConfig>): Promise<void> {
  const { ceod, warnings } = config;
  const log = createLogger('master', ceod.logLevel);
  for (const warning of warnings) log.warn(warning);
  if (process.getuid?.() !== 0) log.warn('not started by root: everything runs as this one user');
  const systemd = supervisor(startedWith);
  const master = new Master(config, log, systemd.listening);
  let isStopping = false;
  const stop = () => {
    // Whoever does not want to wait for the ops in hand has SIGKILL.
    if (isStopping) {
      log.info('stopping already: the ops in hand are being finished');
      return;
    }
    isStopping = true;
    systemd.tell('stopping');
    void master
      .stop()
      .then(() => removePidFile(ceod))
      .catch((err: unknown) => log.warn({ err }, 'the pid file cannot be removed'))
      .then(() => {
        log.info('stopped');
        process.exit(0);
      });
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);
  const reloading = new Reloading(config, read, master, systemd, log);
  let isServing = false;
  process.on('SIGHUP', () => {
    // What has just been read needs no second reading.
    if (isServing && !isStopping) void reloading.request();
  });
  await master.start();
  isServing = true;
  systemd.tell('ready');
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
        'print-config': { type: 'boolean' },
        check: { type: 'boolean' },
        json: { type: 'boolean' },
        accept: { type: 'string' },
        prometheus: { type: 'boolean' },
        version: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
      allowPositionals: true,
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
/** As it was when this began: nothing of it is for children. */
const startedWith = { ...process.env };
takeEnvironment();
concealMemory();
main().catch((error: unknown) => {
  complain('ceod', error, MAX_LENGTH);
  // Not by itself: what was started may keep the process alive.
  process.exit(exitStatus[asCeoError(error).code]);
});
