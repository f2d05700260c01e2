/** A signed APT repository of the packages, for reprepro to look after. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { output } from './program.js';

/** The one suite that there is. */
export const SUITE = 'stable';

/**
 * Makes it, or adds the packages to it.
 * @param key of GnuPG's keyring: its fingerprint, or another name that gpg understands
 */
export async function addToRepository(
  folder: string,
  debs: readonly string[],
  key: string,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const architecture = (await output(['dpkg', '--print-architecture'])).trim();
  await mkdir(path.join(folder, 'conf'), { recursive: true });
  const distribution = {
    Origin: 'ceo',
    Label: 'ceo',
    Codename: SUITE,
    Architectures: architecture,
    Components: 'main',
    Description: 'Account administration for a Kerberos and LDAP site',
    SignWith: key,
  };
  const lines = Object.entries(distribution).map(([field, value]) => `${field}: ${value}\n`);
  await writeFile(path.join(folder, 'conf', 'distributions'), lines.join(''));
  await output(['reprepro', '--silent', '-b', folder, 'includedeb', SUITE, ...debs], { env });
  // As `signed-by` of sources.list(5) wants it.
  const keyring = path.join(folder, 'ceo.gpg');
  await rm(keyring, { force: true });
  await output(['gpg', '--batch', '--output', keyring, '--export', key], { env });
}

/** A key for a trial, in a keyring of its own; its agent ends with `use`. */
export async function withTrialKey<T>(
  folder: string,
  use: (key: string, env: Readonly<Record<string, string>>) => Promise<T>,
): Promise<T> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const env = { GNUPGHOME: folder };
  const quiet = ['--batch', '--quiet', '--pinentry-mode', 'loopback', '--passphrase', ''] as const;
  try {
    await output(['gpg', ...quiet, '--quick-generate-key', 'trial', 'ed25519', 'sign', 'never'], {
      env,
    });
    return await use('trial', env);
  } finally {
    await output(['gpgconf', '--kill', 'all'], { env });
    await rm(folder, { recursive: true, force: true });
  }
}
