/** `npm run packages`: Debian packages of this checkout, a repository of them, the proof of them. */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { buildPackages } from './build.js';
import { BUILD } from './checkout.js';
import { output } from './program.js';
import { addToRepository } from './repository.js';

const USAGE = `Usage: npm run packages [-- OPTION…]

Makes ceo-common, ceo, ceod and ceo-node in build/packages/, and lets lintian look at them.

Options:
  --repository DIR  add them to a signed APT repository, which is made if it is not there
  --key KEY         what signs it: a key of your GnuPG keyring
  --prove           install, upgrade, remove and purge them in clean Debian systems
  --help            show this
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      repository: { type: 'string' },
      key: { type: 'string' },
      prove: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help === true) {
    process.stdout.write(USAGE);
    return;
  }
  if (values.repository !== undefined && values.key === undefined) {
    throw new Error('A repository is signed: name a key of your GnuPG keyring with --key.');
  }
  const folder = path.join(BUILD, 'packages');
  const debs = await buildPackages(folder);
  // Warnings are for whoever reads them; errors are ours.
  process.stdout.write(await output(['lintian', '--allow-root', '--fail-on', 'error', ...debs]));
  for (const deb of debs) process.stdout.write(`${path.relative('.', deb)}\n`);
  if (values.repository !== undefined && values.key !== undefined) {
    await addToRepository(path.resolve(values.repository), debs, values.key);
    process.stdout.write(`${values.repository}: signed by ${values.key}\n`);
  }
  if (values.prove === true) {
    const { prove } = await import('./prove.js');
    await prove(debs);
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
