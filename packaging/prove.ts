/**
 * Installs the packages in clean systems, as a site would, and looks at what is there: after an
 * installation, an upgrade, a removal, a purge, and in place of the legacy system's packages.
 */
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { BUILD, inCheckout, read, VERSION } from './checkout.js';
import { output } from './program.js';
import { addToRepository, SUITE, withTrialKey } from './repository.js';
import { cleanRoot, HOST, type Result, type Root } from './roots.js';

const FOLDER = path.join(BUILD, 'prove');

/** Those whose own Node is too old, or is not. */
const SYSTEMS = [
  { suite: 'bookworm', called: 'Debian 12', hasNode: false },
  { suite: 'trixie', called: 'Debian 13', hasNode: true },
] as const;

const NEWER = VERSION.replace(/\d+$/, (last) => String(Number(last) + 1));
const OURS = ['ceo', 'ceod', 'ceo-common', 'ceo-node'] as const;

export async function prove(debs: readonly string[]): Promise<void> {
  await rm(FOLDER, { recursive: true, force: true });
  const newer = await buildNewer();
  const legacy = await buildLegacy();
  await withTrialKey(path.join(FOLDER, 'keyring'), async (key, env) => {
    for (const system of SYSTEMS) {
      say(`\n${system.called}`);
      const repository = path.join(FOLDER, `repository-${system.suite}`);
      const add = (files: readonly string[]) => addToRepository(repository, files, key, env);
      await add(debs);
      const root = await cleanRoot(system.suite);
      await useRepository(root, repository);
      await install(root, repository, system.hasNode);
      if (!system.hasNode) await tooOld(root);
      await configure(root);
      await upgrade(root, repository, () => add(newer));
      await removeAndPurge(root);
      await replaceLegacy(root, repository, legacy);
      await root.remove();
    }
  });
  await rm(FOLDER, { recursive: true });
  say('\nProved.');
}

async function install(root: Root, repository: string, hasNode: boolean): Promise<void> {
  const done = await root.run(`apt-get install -qq -y ceo ceod`, repository);
  expect(done, 'apt installs ceo and ceod from the signed repository', { status: 0 });
  expect(done, 'nothing is started without a keytab', { says: 'not started, as there is no' });
  const installed = await root.run(
    'dpkg-query -W -f "\\${db:Status-Abbrev}\\${Package} " ceo-node nodejs || :',
  );
  const node = hasNode ? 'nodejs' : 'ceo-node';
  expect(installed, `Node comes from ${node}`, {
    says: `ii ${node}`,
    silentOf: `ii ${hasNode ? 'ceo-node' : 'nodejs'}`,
  });
  expect(
    await root.run('ceo --version; ceoc --version; ceod --version'),
    'they know their version',
    {
      status: 0,
      says: `${VERSION}\n${VERSION}\n${VERSION}\n`,
    },
  );
  expect(await root.run('ceo --help'), 'ceo --help', { status: 0, says: 'ceo members' });
  expect(await root.run('ceoc list'), 'ceoc list', { status: 0, says: 'adduser' });
  expect(await root.run('ceod --check-config'), 'ceod --check-config says what is missing', {
    status: 10,
    says: '/etc/csc/accounts.cf does not exist.',
    silentOf: STACK,
  });
  expect(
    await root.run('CEO_CONFIG_DIR=/usr/share/doc/ceo/examples ceod --check-config'),
    'it understands the examples, which serve nothing here',
    { status: 10, says: `No op is routed to this host, ${HOST}.` },
  );
  expect(
    await root.run('man -w ceo ceoc addmember addclub ceod accounts.cf ops ceod.cf'),
    'the manuals are found',
    { status: 0, says: '/usr/share/man/man1/ceo.1.gz' },
  );
  expect(await root.run('getent passwd ceod'), 'the session user is there', { status: 0 });
  expect(
    await root.run(
      `node=/usr/lib/ceo/node/bin/node; [ -x $node ] || node=/usr/bin/node; cd /usr/lib/ceo/${VERSION}
       $node -e 'require("./node_modules/kerberos"); require("./node_modules/@koromix/koffi-linux-" + process.arch)'`,
    ),
    'the native modules load',
    { status: 0 },
  );
  expect(
    await root.run(`mv /usr/lib/ceo/node /usr/lib/ceo/node.away 2>/dev/null || :
       [ ! -e /usr/bin/node ] || mv /usr/bin/node /usr/bin/node.away
       printf '#!/bin/sh\\nexec /bin/echo stack\\n' >/usr/local/bin/node; chmod +x /usr/local/bin/node
       PATH=/usr/local/bin:$PATH ceo --version || status=$?
       rm /usr/local/bin/node
       [ ! -e /usr/bin/node.away ] || mv /usr/bin/node.away /usr/bin/node
       mv /usr/lib/ceo/node.away /usr/lib/ceo/node 2>/dev/null || :
       exit $status`),
    'without a Node, a sentence, whatever is on the PATH',
    { status: 10, says: 'there is no Node.js', silentOf: 'stack' },
  );
}

/** Debian 12's own Node, which is too old for ours. */
async function tooOld(root: Root): Promise<void> {
  const done = await root.run(`
    apt-get install -qq -y nodejs >/dev/null
    ceo --version
    mv /usr/lib/ceo/node /usr/lib/ceo/node.away
    ceo --version || status=$?
    mv /usr/lib/ceo/node.away /usr/lib/ceo/node
    exit $status`);
  expect(done, "beside Debian's older Node ours is taken; alone, that is refused in a sentence", {
    status: 10,
    says: `${VERSION}\nceo needs Node.js `,
    silentOf: STACK,
  });
}

/** A site of this one host, whose other servers are not there. */
async function configure(root: Root): Promise<void> {
  await root.write('etc/krb5.conf', '[libdefaults]\ndefault_realm = EXAMPLE.ORG\n');
  await root.write('etc/csc/ceod.keytab', keytab('EXAMPLE.ORG', 'ceod', HOST), 0o640);
  await root.write('etc/csc/ceod-admin.keytab', keytab('EXAMPLE.ORG', 'ceod', 'admin'), 0o600);
  const done = await root.run(`
    cp /usr/share/doc/ceo/examples/accounts.cf /etc/csc
    mkdir -p /etc/csc/ops /users/skel
    printf '${HOST} adduser root 0x01\\n' >/etc/csc/ops/adduser
    chgrp ceod /etc/csc/ceod.keytab
    ceod --check-config`);
  expect(done, 'as root ceod finds nothing amiss in what was installed', {
    status: 0,
    says: 'The configuration is good.',
  });
  const changed = await root.run(`
    chmod 775 /usr/sbin/ceod
    ceod --check-config || status=$?
    chmod 755 /usr/sbin/ceod
    exit $status`);
  expect(changed, 'but what starts it, if others could change that', {
    status: 10,
    says: '/usr/sbin/ceod can be written',
  });
  const served = await root.run(`
    mkdir -p /run/ceod
    ceod 2>/tmp/ceod.log & ceod=$!
    tries=0
    until grep -qs '"listening"' /tmp/ceod.log || [ $tries = 60 ]; do sleep 1; tries=$((tries + 1)); done
    sleep 1
    for process in /proc/[0-9]*; do
      program=$(tr '\\0' '\\n' <$process/cmdline | grep '^/usr/lib/ceo/.*dist') || continue
      echo "$(readlink $process/exe) $program"
    done | sort -u
    kill $ceod; wait $ceod`);
  const node = root.has('usr/lib/ceo/node/bin/node')
    ? '/usr/lib/ceo/node/bin/node'
    : '/usr/bin/node';
  const programs = ['main', 'runner', 'session'].map(
    (name) => `${node} /usr/lib/ceo/${VERSION}/dist/ceod/${name}.js\n`,
  );
  expect(served, 'its session processes and runners are of the same Node and version', {
    status: 0,
    is: programs.join(''),
  });
}

/** A keytab with one key, which no KDC has given out; MIT's format, 0x0502. */
function keytab(realm: string, ...name: readonly [string, string]): Buffer {
  const counted = (bytes: Buffer) => Buffer.concat([number(2, bytes.length), bytes]);
  const number = (size: number, value: number) => {
    const bytes = Buffer.alloc(size);
    bytes.writeUIntBE(value, 0, size);
    return bytes;
  };
  const entry = Buffer.concat([
    number(2, name.length),
    ...[realm, ...name].map((part) => counted(Buffer.from(part))),
    // Its type, a principal; its time; its version; aes256-cts-hmac-sha1-96.
    ...[number(4, 1), number(4, 0), number(1, 1), number(2, 18)],
    counted(Buffer.alloc(32, 1)),
  ]);
  return Buffer.concat([number(2, 0x0502), number(4, entry.length), entry]);
}

async function upgrade(root: Root, repository: string, add: () => Promise<void>): Promise<void> {
  await root.run(`mkdir /usr/lib/ceo/0.0.9; echo '# ours' >>/etc/csc/ceod.cf`);
  await add();
  const done = await root.run(
    'apt-get update -qq; apt-get upgrade -qq -y -o Dpkg::Options::=--force-confold',
    repository,
  );
  expect(done, `apt upgrades to ${NEWER}`, { status: 0, says: 'The configuration is good.' });
  expect(await root.run('ceo --version'), 'what starts is new', { says: `${NEWER}\n` });
  const folders = await root.run('cd /usr/lib/ceo; ls -d [0-9]*');
  expect(folders, 'the version of before is there, an older one is not', {
    says: `${VERSION}\n${NEWER}\n`,
    silentOf: '0.0.9',
  });
  const before = await root.run(
    `node=/usr/lib/ceo/node/bin/node; [ -x $node ] || node=/usr/bin/node
     $node /usr/lib/ceo/${VERSION}/dist/ceo/main.js --version
     $node /usr/lib/ceo/${VERSION}/dist/ceo/main.js members get alice`,
  );
  expect(before, 'and complete: what runs lives on', { says: `${VERSION}\n`, silentOf: STACK });
  expect(await root.run('tail -n 1 /etc/csc/ceod.cf'), "the site's ceod.cf is as it was", {
    says: '# ours',
  });
}

async function removeAndPurge(root: Root): Promise<void> {
  const packages = OURS.join(' ');
  expect(await root.run(`apt-get remove -qq -y ${packages}`), 'apt removes them', { status: 0 });
  expect(await root.run('ls /usr/lib/ceo /usr/lib/ceod 2>&1 || :'), 'no code is left', {
    silentOf: /^[^:\n]+$/m,
  });
  expect(await root.run('cat /etc/csc/ceod.cf'), 'the configuration is', { says: '# ours' });

  const open = '/var/lib/ceod/journal/alice.journal';
  await root.run(`mkdir -p /var/lib/ceod/journal; touch ${open}`);
  const refused = await root.run(`apt-get purge -qq -y ${packages}`);
  expect(refused, 'purging refuses while an account is half-made', { status: 100, says: open });
  expect(await root.run(`ls ${open}`), 'and removes nothing of it', { status: 0 });
  await root.run(`rm ${open}`);
  const purged = await root.run(`apt-get purge -qq -y ${packages}`);
  expect(purged, 'then it purges, and names what stays', {
    status: 0,
    says: `/etc/csc/ceod.keytab stays, with the keys of:\n  ceod/${HOST}@EXAMPLE.ORG\n`,
  });
  const left = await root.run(
    `find / -xdev \\( -path /shared -o -path /proc -o -path /var/lib/apt -o -path /var/log -o -path /var/cache -o -path /root/.cache \\) -prune \\
       -o \\( -name '*ceo*' -o -name '*csc*' -o -path '/etc/csc/*' -o -name addmember \\) -print | sort`,
  );
  const expected = [
    '/etc/apt/keyrings/ceo.gpg',
    '/etc/apt/sources.list.d/ceo.list',
    '/etc/csc',
    '/etc/csc/accounts.cf',
    '/etc/csc/ceod-admin.keytab',
    '/etc/csc/ceod.keytab',
    '/etc/csc/ops',
    '/etc/csc/ops/adduser',
    '/tmp/ceod.log',
  ];
  expect(left, 'nothing is left but what the site made', { is: `${expected.join('\n')}\n` });
}

/** Its configuration was shipped in its packages: it must outlive them, changed or not. */
async function replaceLegacy(
  root: Root,
  repository: string,
  legacy: readonly string[],
): Promise<void> {
  await root.run('rm -r /etc/csc; mkdir -p /shared');
  const shared = path.join(FOLDER, 'legacy');
  const files = legacy.map((file) => `/shared/${path.basename(file)}`).join(' ');
  expect(await root.run(`dpkg -i ${files}`, shared), 'the legacy packages', { status: 0 });
  await root.run(`echo '# ours' >>/etc/csc/ops/adduser`);
  const done = await root.run('apt-get install -qq -y ceo ceod', repository);
  expect(done, 'ceo and ceod take their places', { status: 0 });
  expect(
    await root.run(`dpkg-query -W -f '\${db:Status-Abbrev}\${Package}\\n' 'ceo*'`),
    'which are gone but for their conffiles',
    { says: 'rc ceo-daemon', silentOf: /^ii (ceo-clients|ceo-python|ceo-daemon)$/m },
  );
  expect(
    await root.run(
      'cat /etc/csc/accounts.cf /etc/csc/ops/adduser /etc/csc/spam/new-member; ceo --version',
    ),
    'the configuration is as the site had it',
    { is: `legacy accounts\nlegacy op\n# ours\nlegacy spam\n${NEWER}\n` },
  );
}

async function useRepository(root: Root, repository: string): Promise<void> {
  const keyring = await readFile(path.join(repository, 'ceo.gpg'));
  await mkdir(path.join(root.folder, 'etc/apt/keyrings'), { recursive: true });
  await writeFile(path.join(root.folder, 'etc/apt/keyrings/ceo.gpg'), keyring);
  const line = `deb [signed-by=/etc/apt/keyrings/ceo.gpg] file:/shared ${SUITE} main\n`;
  await root.write('etc/apt/sources.list.d/ceo.list', line);
  expect(await root.run('apt-get update -qq', repository), 'apt trusts the repository by its key', {
    status: 0,
    silentOf: /^[WE]:/m,
  });
}

/** The same source with the next version. */
async function buildNewer(): Promise<string[]> {
  say(`Building ${NEWER}`);
  const folder = path.join(FOLDER, 'newer');
  await mkdir(path.join(folder, 'build'), { recursive: true });
  const made = ['.git', 'build', 'dist', 'node_modules'];
  const sources = (await readdir(inCheckout())).filter((name) => !made.includes(name));
  await output(['cp', '-a', ...sources.map((name) => inCheckout(name)), folder]);
  await symlink(inCheckout('node_modules'), path.join(folder, 'node_modules'));
  await symlink(path.join(BUILD, 'node'), path.join(folder, 'build', 'node'));
  const manifest = read('package.json').replace(`"version": "${VERSION}"`, `"version": "${NEWER}"`);
  await writeFile(path.join(folder, 'package.json'), manifest);
  await output([process.execPath, 'esbuild.config.js'], { cwd: folder });
  const { buildPackages } = (await import(
    path.join(folder, 'packaging', 'build.ts')
  )) as typeof import('./build.js');
  return buildPackages(path.join(FOLDER, 'newer-packages'));
}

/** Packages as the legacy system had them: its names, its conffiles, and programs in our places. */
async function buildLegacy(): Promise<string[]> {
  const contents: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    'ceo-common': {
      '/etc/csc/accounts.cf': 'legacy accounts',
      '/etc/csc/ops/adduser': 'legacy op',
      '/etc/csc/spam/new-member': 'legacy spam',
    },
    'ceo-clients': { '/usr/bin/addmember': 'legacy', '/usr/bin/ceoc': 'legacy' },
    'ceo-daemon': {
      '/usr/sbin/ceod': 'legacy',
      '/usr/lib/ceod/op-adduser': 'legacy',
      '/etc/init.d/ceod': '#!/bin/sh\n',
    },
    'ceo-python': { '/usr/bin/ceo': 'legacy' },
  };
  const folder = path.join(FOLDER, 'legacy');
  const built: string[] = [];
  for (const [name, files] of Object.entries(contents)) {
    const root = path.join(folder, name);
    const control = `Package: ${name}\nVersion: 0.5.28\nArchitecture: all\nMaintainer: legacy <legacy@example.org>\nDescription: legacy\n`;
    const conffiles = Object.keys(files).filter((file) => file.startsWith('/etc/'));
    for (const [file, text] of Object.entries({
      ...files,
      '/DEBIAN/control': control,
      '/DEBIAN/conffiles': conffiles.map((file) => `${file}\n`).join(''),
    })) {
      await mkdir(path.dirname(path.join(root, file)), { recursive: true });
      await writeFile(
        path.join(root, file),
        text.endsWith('\n') ? text : `${text}\n`.replace(/^\n$/, ''),
      );
    }
    const deb = path.join(folder, `${name}.deb`);
    await output(['dpkg-deb', '--root-owner-group', '--build', root, deb]);
    built.push(deb);
  }
  return built;
}

/** As Node prints one. */
const STACK = /^ {4}at /m;

interface Expected {
  readonly status?: number;
  readonly says?: string;
  readonly is?: string;
  readonly silentOf?: string | RegExp;
}

function expect({ status, said }: Result, what: string, expected: Expected): void {
  const speaks = (of: string | RegExp) =>
    of instanceof RegExp ? of.test(said) : said.includes(of);
  const isSo =
    (expected.status === undefined || expected.status === status) &&
    (expected.says === undefined || speaks(expected.says)) &&
    (expected.is === undefined || expected.is === said) &&
    (expected.silentOf === undefined || !speaks(expected.silentOf));
  if (!isSo) throw new Error(`NOT PROVED: ${what}\nstatus ${status}\n${said}`);
  say(`  ✓ ${what}`);
}

const say = (line: string) => process.stdout.write(`${line}\n`);
