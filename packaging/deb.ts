/** One binary package: its control data, and the archive that dpkg-deb makes of it. */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { DEBIAN_VERSION, VERSION, template } from './checkout.js';
import { output } from './program.js';
import { Tree } from './tree.js';

export interface Deb {
  readonly name: string;
  /** In the order in which they are to stand in the control file. */
  readonly fields: Readonly<Record<string, string | undefined>>;
  /** The first line, and paragraphs that may be of any length. */
  readonly description: readonly [string, ...string[]];
  /** Those in debian/, `NAME.postinst` and so on. */
  readonly scripts?: readonly string[];
  readonly conffiles?: readonly string[];
  /** What lintian is to accept, each with its reason: `debian/NAME.lintian-overrides`. */
  readonly hasOverrides?: true;
  readonly fill: (tree: Tree) => Promise<void>;
}

/** Who answers for the packages: as Debian's own tools have it, whoever builds them. */
const MAINTAINER = `${process.env['DEBFULLNAME'] ?? 'The maintainers of ceo'} <${
  process.env['DEBEMAIL'] ?? 'ceo@example.org'
}>`;

/** Makes the archive in a folder. @returns its path */
export async function makeDeb(deb: Deb, folder: string, seconds: number): Promise<string> {
  await mkdir(folder, { recursive: true });
  const architecture = (await output(['dpkg', '--print-architecture'])).trim();
  // Beside the result: it may be larger than a /tmp.
  const root = await mkdtemp(path.join(folder, `.${deb.name}-`));
  try {
    const tree = new Tree(root);
    await deb.fill(tree);
    const docs = `usr/share/doc/${deb.name}`;
    await tree.writeCompressed(`${docs}/changelog`, changelog(seconds));
    if (deb.hasOverrides) {
      const overrides = template(`debian/${deb.name}.lintian-overrides`, { VERSION });
      await tree.write(`usr/share/lintian/overrides/${deb.name}`, overrides);
    }
    const installed = await filesIn(root);
    await writeControl(deb, tree, installed, architecture);
    await tree.seal(seconds);
    const archive = path.join(folder, `${deb.name}_${VERSION}_${architecture}.deb`);
    // gzip: Node's 100 MB take xz ten times as long, for a fifth less.
    const options = ['-Zgzip', '-z6', '--root-owner-group'];
    await output(['dpkg-deb', ...options, '--build', root, archive], {
      env: { SOURCE_DATE_EPOCH: String(seconds) },
    });
    return archive;
  } finally {
    await rm(root, { recursive: true });
  }
}

async function writeControl(
  { name, fields, description, scripts = [], conffiles = [] }: Deb,
  tree: Tree,
  installed: readonly string[],
  architecture: string,
): Promise<void> {
  const sizes = await Promise.all(installed.map((file) => stat(path.join(tree.root, file))));
  const kilobytes = sizes.reduce((total, { size }) => total + Math.ceil(size / 1024), 0);
  const control = Object.entries({
    Package: name,
    Source: name === 'ceo' ? undefined : 'ceo',
    Version: DEBIAN_VERSION,
    Architecture: architecture,
    Maintainer: MAINTAINER,
    'Installed-Size': String(kilobytes),
    ...fields,
    Section: 'admin',
    Priority: 'optional',
    Description: inControl(description),
  }).flatMap(([field, value]) => (value === undefined ? [] : [`${field}: ${value}\n`]));
  await tree.write('DEBIAN/control', control.join(''));
  const sums = await Promise.all(
    installed.map(async (file) => `${await md5(path.join(tree.root, file))}  ${file}\n`),
  );
  await tree.write('DEBIAN/md5sums', sums.join(''));
  if (conffiles.length > 0) {
    await tree.write('DEBIAN/conffiles', conffiles.map((file) => `${file}\n`).join(''));
  }
  for (const script of scripts) {
    const text = template(`debian/${name}.${script}`, { VERSION });
    await tree.write(`DEBIAN/${script}`, text, 0o755);
  }
}

/** Lines of at most 78 characters; a full stop between paragraphs. */
function inControl([first, ...paragraphs]: readonly [string, ...string[]]): string {
  const wrapped = paragraphs.map((each) => each.replace(/(.{1,76})(?: |$)/g, ' $1\n').trimEnd());
  return [first, wrapped.join('\n .\n')].join('\n');
}

/** One entry: what changed is in CHANGELOG.md, which is installed as well. */
function changelog(seconds: number): string {
  const date = new Date(seconds * 1000).toUTCString().replace('GMT', '+0000');
  return `ceo (${DEBIAN_VERSION}) unstable; urgency=medium

  * Version ${VERSION}: see /usr/share/doc/ceo/CHANGELOG.md.

 -- ${MAINTAINER}  ${date}
`;
}

/** Regular files, sorted. */
async function filesIn(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .sort();
}

const md5 = async (file: string) =>
  createHash('md5')
    .update(await readFile(file))
    .digest('hex');
