/** What is in the packages that others wrote: a bill of materials, and their licences. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { inCheckout, read, VERSION } from './checkout.js';

interface Listed {
  readonly name: string;
  readonly version: string;
  readonly integrity: string;
}

interface Part extends Listed {
  readonly folder: string;
  /** SPDX. */
  readonly licence: string;
  readonly author: string | undefined;
}

/** What dist/manifest.json lists and this machine's packages have in them. */
export function parts(): Part[] {
  const { packages } = JSON.parse(read('dist', 'manifest.json')) as { packages: Listed[] };
  const { packages: locked } = JSON.parse(read('package-lock.json')) as {
    packages: Record<string, { version?: string; integrity?: string }>;
  };
  return packages.flatMap((listed) => {
    const [folder] =
      Object.entries(locked).find(
        ([folder, { version, integrity }]) =>
          folder.endsWith(`node_modules/${listed.name}`) &&
          version === listed.version &&
          integrity === listed.integrity,
      ) ?? [];
    // The native half of koffi is installed for one architecture.
    if (folder === undefined || !existsSync(inCheckout(folder))) return [];
    const { license, author } = JSON.parse(read(folder, 'package.json')) as {
      license: string;
      author?: string | { name: string };
    };
    const name = typeof author === 'object' ? author.name : author?.replace(/ *[<(].*/, '');
    return { ...listed, folder: inCheckout(folder), licence: license, author: name };
  });
}

/** CycloneDX 1.5, as JSON. */
export function billOfMaterials(from: readonly Part[], seconds: number): string {
  const bill = {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    serialNumber: `urn:uuid:${uuidOf(from)}`,
    version: 1,
    metadata: {
      timestamp: new Date(seconds * 1000).toISOString(),
      component: { type: 'application', name: 'ceo', version: VERSION, 'bom-ref': 'ceo' },
    },
    components: from.map(({ name, version, integrity, licence }) => {
      const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
      return {
        type: 'library',
        'bom-ref': purl,
        name,
        version,
        hashes: [{ alg: 'SHA-512', content: hexOf(integrity) }],
        licenses: [/[ (]/.test(licence) ? { expression: licence } : { license: { id: licence } }],
        purl,
      };
    }),
    dependencies: [
      {
        ref: 'ceo',
        dependsOn: from.map(
          ({ name, version }) => `pkg:npm/${name.replace('@', '%40')}@${version}`,
        ),
      },
    ],
  };
  return `${JSON.stringify(bill, undefined, 2)}\n`;
}

/** Of the lock file: `sha512-` and base64. */
const hexOf = (integrity: string) =>
  Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex');

/** The same for the same parts, as everything in a package is. */
function uuidOf(from: readonly Part[]): string {
  const hash = createHash('sha256').update(from.map(({ integrity }) => integrity).join('\n'));
  const hex = hash.digest('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    // A name-based one, of RFC 9562's variant.
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}

/** Our own licence, as debian/copyright has it. */
export const ownCopyright = (): string =>
  `ceo ${VERSION} is under this licence:\n\n${read('LICENSE')}`;

/** That, and the licences of all parts. */
export function copyright(from: readonly Part[]): string {
  const theirs = [...from]
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .map(
      (part) =>
        `${'-'.repeat(78)}\n${part.name} ${part.version}: ${part.licence}\n\n${licenceText(part)}`,
    );
  return `${ownCopyright()}
In the programs, or loaded by them, is the following of others, each under its own licence.

${theirs.join('\n')}`;
}

/** Every Debian system has it, and policy wants it named and not copied. */
const APACHE = 'See /usr/share/common-licenses/Apache-2.0.\n';

function licenceText({ folder, name, licence, author }: Part): string {
  if (licence === 'Apache-2.0') return APACHE;
  const file = readdirSync(folder).find((each) => /^(licen[cs]e|copying)/i.test(each));
  if (file !== undefined) return readFileSync(path.join(folder, file), 'utf8');
  // It has none: what package.json says, in words.
  const holder = author ?? `the authors of ${name}`;
  const texts = licence.replaceAll(/[()]/g, '').split(' AND ');
  return texts
    .map((each) => {
      if (each === 'Apache-2.0') return APACHE;
      if (each === 'MIT') return mitOf(holder);
      if (each === 'BSD-3-Clause')
        return `Copyright (c) ${holder}\n\n${read('packaging', 'licences', each)}`;
      throw new Error(`${name}: there is no text of its licence, ${each}`);
    })
    .join('\n');
}

/** Ours is the same, but for whose it is. */
const mitOf = (holder: string) =>
  read('LICENSE').replace(/^Copyright .*$/m, `Copyright (c) ${holder}`);
