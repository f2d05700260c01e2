/** `ceod --check`, a program of its own: what it loads is nothing that the daemon's master should. */
import { parseArgs } from 'node:util';
import { complain } from '../../complaint.js';
import { asCeoError, CeoError, exitStatus, messageOf } from '../../errors.js';
import { concealMemory } from '../../process/confine.js';
import { loadDaemonConfig } from '../base/config.js';
import { takeEnvironment } from '../base/environment.js';
import { readAccepted } from './accepted.js';
import { examine, type Examined } from './examine.js';
import { fault, unasked } from './finding.js';
import { credentialOf, type Host } from './host.js';
import { PARTS } from './parts.js';
import { inJson, inWords, reportOn, statusOf } from './report.js';

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { json: { type: 'boolean' }, accept: { type: 'string' } },
  });
  const accepted = values.accept === undefined ? [] : readAccepted(values.accept);
  const { hostname, examined } = await look();
  const report = reportOn(hostname, examined, accepted);
  const text = values.json === true ? inJson(report) : inWords(report);
  // What hangs keeps nobody waiting.
  process.stdout.write(text, () => process.exit(statusOf(report)));
}

async function look(): Promise<{ hostname: string; examined: readonly Examined[] }> {
  let host: Host;
  try {
    const config = await loadDaemonConfig();
    const timeoutMs = config.ceod.stepTimeout * 900;
    host = { ...config, timeoutMs, isRoot: process.getuid?.() === 0 };
  } catch (error) {
    if (!(error instanceof CeoError)) throw error;
    // Where everything is stands in these files.
    return { hostname: '', examined: [unread(error)] };
  }
  takeEnvironment(credentialOf(host));
  return { hostname: host.hostname, examined: await examine(PARTS, host) };
}

const unread = (error: CeoError): Examined => ({
  name: 'config',
  about: 'the files',
  findings: [
    fault('config', messageOf(error), 'ceod --check-config'),
    ...PARTS.map(({ name }) => unasked(name, 'the configuration cannot be read')),
  ],
});

process.umask(0o077);
takeEnvironment();
concealMemory();
main().catch((error: unknown) => {
  complain('ceod', error);
  process.exit(exitStatus[asCeoError(error).code]);
});
