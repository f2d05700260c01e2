/** Promise: the packages hold what they should and nothing else, whoever builds them. */
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { buildPackages } from '../../packaging/build.js';
import { BUILD, inCheckout, read, VERSION } from '../../packaging/checkout.js';
import { output } from '../../packaging/program.js';
import { addToRepository, withTrialKey } from '../../packaging/repository.js';
import { run, runAs } from '../support/realm.js';

const NAMES = ['ceo-common', 'ceo', 'ceod', 'ceo-node'] as const;
type Name = (typeof NAMES)[number];

let folder: string;
let archives: string[];
let again: string[];

const archive = (name: Name): string =>
  archives.find((file) => path.basename(file).startsWith(`${name}_`)) ?? '';
const field = async (name: Name, which: string): Promise<string> =>
  (await output(['dpkg-deb', '--field', archive(name), which])).trim();

interface Entry {
  readonly mode: string;
  readonly owner: string;
  /** `usr/bin/ceo`; of a link without where it leads to. */
  readonly file: string;
}

async function contents(name: Name): Promise<Entry[]> {
  const told = await output(['dpkg-deb', '--contents', archive(name)]);
  return told.split('\n').flatMap((line) => {
    const [mode = '', owner = '', , , , file = ''] = line.split(/ +/);
    return mode === '' ? [] : [{ mode, owner, file: file.replace(/^\.\//, '') }];
  });
}

const filesOf = async (name: Name): Promise<string[]> =>
  (await contents(name)).filter(({ mode }) => !mode.startsWith('d')).map(({ file }) => file);

/** What is in it, below the folder of the test. */
const extracted = (name: Name, file = ''): string => path.join(folder, 'extracted', name, file);

beforeAll(async () => {
  await mkdir(BUILD, { recursive: true });
  folder = mkdtempSync(path.join(BUILD, 'test-packages-'));
  [archives, again] = await Promise.all([
    buildPackages(path.join(folder, 'one')),
    buildPackages(path.join(folder, 'two')),
  ]);
  for (const name of NAMES) {
    await mkdir(extracted(name), { recursive: true });
    if (name !== 'ceo-node') await output(['dpkg-deb', '-R', archive(name), extracted(name)]);
  }
  // Seconds, unless the machine is busy or Node is not here yet.
}, 300_000);
afterAll(() => rm(folder, { recursive: true }));

test('two builds give the same bytes', async () => {
  const hashes = (files: readonly string[]) =>
    Promise.all(
      files.map(async (file) => [
        path.basename(file),
        createHash('sha256')
          .update(await readFile(file))
          .digest('hex'),
      ]),
    );
  expect(await hashes(again)).toEqual(await hashes(archives));
});

test.each(NAMES)('all of %s is of root, who alone may change it', async (name) => {
  const entries = await contents(name);
  expect(entries.length).toBeGreaterThan(5);
  expect(entries.filter(({ owner }) => owner !== 'root/root')).toEqual([]);
  const modes = new Set(entries.map(({ mode }) => mode));
  const right = ['drwxr-xr-x', '-rw-r--r--', '-rwxr-xr-x', 'lrwxrwxrwx'];
  expect([...modes].filter((mode) => !right.includes(mode))).toEqual([]);
});

test('no file is in two packages', async () => {
  const all = (await Promise.all(NAMES.map(filesOf))).flat();
  expect(all.filter((file, at) => all.indexOf(file) !== at)).toEqual([]);
});

describe('control data', () => {
  test.each(NAMES)('%s has the version of package.json, behind an epoch', async (name) => {
    expect(await field(name, 'Version')).toBe(`1:${VERSION}`);
    const architecture = (await output(['dpkg', '--print-architecture'])).trim();
    expect(await field(name, 'Architecture')).toBe(architecture);
  });

  test('the changelog knows that version', () => {
    expect(/^## \[(\d.*?)\]/m.exec(read('CHANGELOG.md'))?.[1]).toBe(VERSION);
  });

  test('ceo-common takes a Node that is new enough, or brings ours', async () => {
    const depends = (await field('ceo-common', 'Depends')).split(', ');
    expect(depends).toContain('nodejs (>= 20.19) | ceo-node');
    // Loaded at run time: no tool sees it.
    expect(depends).toContain('libgssapi-krb5-2');
  });

  test.each(['ceo', 'ceod'] as const)('%s is of the same version as its code', async (name) => {
    expect(await field(name, 'Depends')).toContain(`ceo-common (= 1:${VERSION})`);
  });

  test.each([
    ['ceo-clients', 'ceo'],
    ['ceo-python', 'ceo'],
    ['ceo-daemon', 'ceod'],
  ] as const)('%s of the legacy system gives way to %s', async (legacy, name) => {
    for (const which of ['Breaks', 'Replaces']) {
      expect(await field(name, which)).toContain(`${legacy} (<< 1:0~)`);
    }
    expect(await field(name, 'Provides')).toContain(`${legacy} (= 1:${VERSION})`);
    expect(await field('ceo-common', 'Breaks')).toContain(`${legacy} (<< 1:0~)`);
  });

  test('of /etc/csc only ceod.cf is shipped, which changes nothing', async () => {
    const all = (await Promise.all(NAMES.map(filesOf))).flat();
    // dpkg would put another accounts.cf in the place of one that the legacy packages shipped.
    expect(all.filter((file) => file.startsWith('etc/'))).toEqual(['etc/csc/ceod.cf']);
    const conffiles = readFileSync(extracted('ceod', 'DEBIAN/conffiles'), 'utf8');
    expect(conffiles).toBe('/etc/csc/ceod.cf\n');
  });
});

describe('the code', () => {
  const packaged = 'usr/lib/ceo/packaged';

  test('is the build, to the byte', async () => {
    const dist = extracted('ceo-common', `${packaged}/dist`);
    const { files } = JSON.parse(await readFile(path.join(dist, 'manifest.json'), 'utf8')) as {
      files: Record<string, string>;
    };
    const entries = await readdir(dist, { recursive: true, withFileTypes: true });
    const present = entries
      .filter((entry) => entry.isFile() && entry.name !== 'manifest.json')
      .map(({ parentPath, name }) => path.relative(dist, path.join(parentPath, name)));
    expect(present.sort()).toEqual(Object.keys(files).sort());
    for (const [name, hash] of Object.entries(files)) {
      const content = await readFile(path.join(dist, name));
      expect(`sha512-${createHash('sha512').update(content).digest('base64')}`).toBe(hash);
    }
  });

  test('does its work with what is in the package alone', async () => {
    const main = extracted('ceo-common', `${packaged}/dist/ceo/main.js`);
    const command = [process.execPath, main, 'members', 'get', 'ctdalek'] as const;
    const { status, stdout, stderr } = await runAs('ctdalek', command);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('ctdalek');
  });

  test('an older Node is told in a sentence', async () => {
    const check = extracted('ceo-common', `${packaged}/check-node.cjs`);
    const asOld = `Object.defineProperty(process, 'versions', { value: { node: '18.20.4' } });`;
    const { status, stderr } = await run([
      ...([process.execPath, '-e', `${asOld} require(${JSON.stringify(check)})`] as const),
    ]);
    expect(status).toBe(10);
    expect(stderr).toMatch(/^ceo needs Node\.js 20\.19 or later, and \S+ is \S+: .*\.\n$/);
    expect(await run([process.execPath, check])).toMatchObject({ status: 0, stderr: '' });
  });
});

test.each([
  ['ceo', 'usr/bin/ceo', 'ceo/main.js'],
  ['ceo', 'usr/bin/ceoc', 'ceoc/main.js'],
  ['ceo', 'usr/bin/addmember', 'ceo/addmember.js'],
  ['ceo', 'usr/bin/addclub', 'ceo/addclub.js'],
  ['ceod', 'usr/sbin/ceod', 'ceod/main.js'],
  ['ceod', 'usr/lib/ceod/op-adduser', 'ceod/opProgram.js'],
  ['ceod', 'usr/lib/ceod/op-mailman', 'ceod/opProgram.js'],
] as const)('%s: %s starts by absolute paths', async (name, file, program) => {
  const text = await readFile(extracted(name, file), 'utf8');
  expect(text).toMatch(/^#!\/bin\/sh\n/);
  expect(text).toContain(`code=/usr/lib/ceo/${VERSION}\n`);
  expect(text).toContain(`"$code/dist/${program}"`);
  expect(text).not.toMatch(/\benv\b/);
  await output(['sh', '-n', extracted(name, file)]);
});

test('Node is the one of the lock file, and runs', async () => {
  await output(['dpkg-deb', '-x', archive('ceo-node'), extracted('ceo-node')]);
  const lock = JSON.parse(read('packaging', 'node', 'package-lock.json')) as {
    packages: Record<string, { version: string; integrity: string }>;
  };
  const locked = lock.packages[`node_modules/node-linux-${process.arch}`];
  expect(locked?.integrity).toMatch(/^sha512-/);
  const node = extracted('ceo-node', 'usr/lib/ceo/node/bin/node');
  expect((await output([node, '--version'])).trim()).toBe(`v${locked?.version ?? ''}`);
});

test('everything that others wrote is in the bill, with its licence', async () => {
  const docs = 'usr/share/doc/ceo-common';
  const { packages } = JSON.parse(read('dist', 'manifest.json')) as {
    packages: { name: string; version: string }[];
  };
  const bill = JSON.parse(
    await readFile(extracted('ceo-common', `${docs}/sbom.cdx.json`), 'utf8'),
  ) as {
    bomFormat: string;
    components: { name: string; version: string; hashes: { content: string }[] }[];
  };
  expect(bill.bomFormat).toBe('CycloneDX');
  const listed = bill.components.map(({ name, version }) => `${name} ${version}`);
  const known = packages
    .filter(({ name }) => !name.includes('/koffi-linux-') || name.endsWith(`-${process.arch}`))
    .map(({ name, version }) => `${name} ${version}`);
  expect(listed.sort()).toEqual(known.sort());
  for (const { hashes } of bill.components) {
    expect(hashes.map(({ content }) => content)).toEqual([expect.stringMatching(/^[\da-f]{128}$/)]);
  }
  const licences = await readFile(extracted('ceo-common', `${docs}/copyright`), 'utf8');
  for (const each of known) expect(licences).toContain(`\n${each}: `);
});

test('slapd takes the schema, also as entries of cn=config', async () => {
  const config = path.join(folder, 'slapd.d');
  await mkdir(config);
  const schema = extracted('ceo-common', 'usr/share/ceo/schema');
  const ldif = [
    'dn: cn=config\nobjectClass: olcGlobal\ncn: config\n',
    'dn: cn=schema,cn=config\nobjectClass: olcSchemaConfig\ncn: schema\n',
    ...['core', 'cosine', 'inetorgperson'].map((name) =>
      readFileSync(`/etc/ldap/schema/${name}.ldif`, 'utf8'),
    ),
    ...['rfc2307bis', 'csclub', 'sudo'].map((name) =>
      readFileSync(path.join(schema, `${name}.ldif`), 'utf8'),
    ),
  ];
  const file = path.join(folder, 'config.ldif');
  await writeFile(file, ldif.join('\n'));
  await output(['slapadd', '-n', '0', '-F', config, '-l', file]);
  const all = await output(['slapcat', '-n', '0', '-F', config, '-o', 'ldif-wrap=no']);
  for (const name of ['csclub', 'rfc2307bis', 'sudo']) {
    for (const [, what = ''] of read('etc', 'schema', `${name}.schema`).matchAll(/NAME ('\w+')/g)) {
      // A value of its own: of what follows in one, slapd learns nothing, and says nothing.
      const own = String.raw`^olc\w+: (?:\{\d+\})?\(\s*[\d.]+ NAME ${what}`;
      expect(all).toMatch(new RegExp(own, 'm'));
    }
  }
});

test('every file that the documents link to is installed', async () => {
  const doc = extracted('ceo-common', 'usr/share/doc/ceo');
  const texts = (await readdir(doc)).filter((name) => name.endsWith('.md'));
  expect(texts).toEqual(expect.arrayContaining(['README.md', 'install.md', 'configuration.md']));
  for (const name of texts) {
    const text = await readFile(path.join(doc, name), 'utf8');
    for (const [, link = ''] of text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)) {
      expect({ name, link, is: existsSync(path.join(doc, link)) }).toEqual({
        name,
        link,
        is: true,
      });
    }
  }
});

test('Tab in bash offers what ceoc takes', async () => {
  const file = extracted('ceo', 'usr/share/bash-completion/completions/ceoc');
  const script = `source "$0"; complete -p ceoc | grep -o "'.*'"`;
  const offered = await output(['bash', '-c', script, file]);
  for (const word of ['adduser', 'describe', '--json']) expect(offered).toContain(word);
  await output(['bash', '-n', extracted('ceo', 'usr/share/bash-completion/completions/ceo')]);
});

test('lintian finds no error', async () => {
  const small = NAMES.filter((name) => name !== 'ceo-node').map(archive);
  expect(await output(['lintian', '--allow-root', '--fail-on', 'error', ...small])).toBe('');
});

test('a repository is signed by the key that was named', async () => {
  const repository = path.join(folder, 'repository');
  await withTrialKey(path.join(folder, 'keyring'), (key, env) =>
    addToRepository(repository, [archive('ceo'), archive('ceod')], key, env),
  );
  const release = path.join(repository, 'dists', 'stable', 'InRelease');
  await output(['gpgv', '--keyring', path.join(repository, 'ceo.gpg'), release]);
  const index = path.join(repository, 'dists', 'stable', 'main');
  const [binary = ''] = await readdir(index);
  const listed = await readFile(path.join(index, binary, 'Packages'), 'utf8');
  expect(listed.match(/^Package: .*/gm)).toEqual(['Package: ceo', 'Package: ceod']);
});

test('no registry is named', async () => {
  for (const file of await readdir(inCheckout('packaging'), {
    recursive: true,
    withFileTypes: true,
  })) {
    if (!file.isFile()) continue;
    const text = await readFile(path.join(file.parentPath, file.name), 'utf8');
    expect(text).not.toMatch(/"resolved"|deb\.debian\.org|registry\.npm/);
  }
});
