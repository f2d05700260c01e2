/** The four packages: what is in them, and what they need. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { addclub, addmember } from '../src/ceo/cli/signUp.js';
import { allOps } from '../src/protocol/ops.js';
import { billOfMaterials, copyright, ownCopyright, parts } from './bill.js';
import { DEBIAN_VERSION, inCheckout, LEAST_NODE, read, template, VERSION } from './checkout.js';
import { bash, completedOf, zsh, type Completed } from './completion.js';
import type { Deb } from './deb.js';
import { mdoc } from './manual/mdoc.js';
import { manualPages } from './manual/pages.js';
import { ownNode } from './node.js';
import { output } from './program.js';
import { schemaLdifFile } from './schema.js';
import { libraryDependencies, stripped } from './native.js';
import type { Tree } from './tree.js';

/** Where the code is put; postinst makes /usr/lib/ceo/VERSION of it, which is what is run. */
const CODE = 'usr/lib/ceo/packaged';

const KOFFI = `@koromix/koffi-linux-${process.arch}`;

/** Of node_modules, what the bundles load that is in none of them. */
const NATIVE: Readonly<Record<string, readonly string[]>> = {
  kerberos: ['package.json', 'lib/index.js', 'lib/util.js', 'build/Release/kerberos.node'],
  [KOFFI]: ['package.json', 'index.js', `linux_${process.arch}/koffi.node`],
};

/** As the legacy system's packages were called: ours take their places. */
const takesPlaceOf = (...names: readonly string[]) => {
  const older = names.map((name) => `${name} (<< 1:0~)`).join(', ');
  return {
    Provides: names.map((name) => `${name} (= ${DEBIAN_VERSION})`).join(', '),
    Breaks: older,
    Replaces: older,
  };
};

export async function packages(seconds: number): Promise<readonly Deb[]> {
  const [node, manuals] = await Promise.all([ownNode(), manualPages()]);
  const libraries = await libraryDependencies(
    Object.entries(NATIVE).flatMap(([name, files]) =>
      files
        .filter((file) => file.endsWith('.node'))
        .map((file) => inCheckout('node_modules', name, file)),
    ),
  );
  const nodeLibraries = await libraryDependencies([path.join(node.folder, 'bin', 'node')]);
  const writeManuals = async (tree: Tree, name: string) => {
    for (const page of manuals[name] ?? []) {
      const file = `${page.name}.${page.section}`;
      await tree.writeCompressed(`usr/share/man/man${page.section}/${file}`, mdoc(page, seconds));
    }
  };
  const common = `ceo-common (= ${DEBIAN_VERSION})`;
  return [
    {
      name: 'ceo-common',
      fields: {
        // The library of GSS-API is loaded at run time, where no tool sees it.
        Depends: [`nodejs (>= ${LEAST_NODE}) | ceo-node`, 'libgssapi-krb5-2', libraries].join(', '),
        // Its files of the same names are in ceo and ceod.
        Breaks: 'ceo-clients (<< 1:0~), ceo-daemon (<< 1:0~), ceo-python (<< 1:0~)',
      },
      description: [
        'account administration for a Kerberos and LDAP site: common files',
        'The code of ceo, ceoc and ceod, their documentation, the schema of the directory and the ' +
          'messages of the protocol. The version of before is kept until the next upgrade, for ' +
          'programs that are running.',
      ],
      scripts: ['postinst', 'prerm'],
      hasOverrides: true,
      fill: async (tree) => {
        await fillCode(tree);
        await fillDocs(tree, seconds);
        await writeManuals(tree, 'ceo-common');
      },
    },
    {
      name: 'ceo',
      fields: {
        Depends: `${common}, krb5-user`,
        ...takesPlaceOf('ceo-clients', 'ceo-python'),
        Suggests: 'bash-completion',
      },
      description: [
        'account administration for a Kerberos and LDAP site: menu and commands',
        'Staff sign people up at a terminal; accounts live in LDAP and Kerberos, and the privileged ' +
          'work is done by ceod on the machines that hold the keys. This package has the programs ' +
          'for people and for scripts: ceo, ceoc, addmember and addclub.',
      ],
      fill: async (tree) => {
        for (const [name, program] of CLIENTS)
          await writeLauncher(tree, `usr/bin/${name}`, program);
        // Where scripts of deployed systems look for it.
        await tree.link('usr/lib/ceod/ceoc', '../../bin/ceoc');
        await fillCompletion(tree);
        await writeManuals(tree, 'ceo');
        await tree.write('usr/share/doc/ceo/copyright', ownCopyright());
      },
    },
    {
      name: 'ceod',
      fields: {
        Depends: [
          common,
          'acl',
          'krb5-user',
          'ldap-utils',
          'systemd | systemd-standalone-sysusers | systemd-sysusers',
        ].join(', '),
        ...takesPlaceOf('ceo-daemon'),
      },
      description: [
        'account administration for a Kerberos and LDAP site: daemon',
        'Executes the operations that are routed to its host, for users authenticated by Kerberos. ' +
          'It belongs on the machines that hold keys: the one that makes accounts, those of the ' +
          'database server and of the mailing lists.',
      ],
      scripts: ['postinst', 'prerm', 'postrm'],
      conffiles: ['/etc/csc/ceod.cf'],
      fill: async (tree) => {
        await writeLauncher(tree, 'usr/sbin/ceod', 'ceod/main');
        await writeLauncher(tree, 'usr/sbin/ceod-setup', 'ceod/setup');
        for (const name of opPrograms()) {
          await writeLauncher(tree, `usr/lib/ceod/op-${name}`, 'ceod/opProgram', name);
        }
        for (const unit of ['ceod.service', 'ceod.socket']) {
          await tree.copy(inCheckout('etc', unit), `usr/lib/systemd/system/${unit}`);
        }
        await tree.write(
          'usr/lib/sysusers.d/ceod.conf',
          read('packaging', 'debian', 'sysusers.conf'),
        );
        // The only one that is right for every site: it says what holds without it.
        await tree.copy(inCheckout('etc', 'ceod.cf'), 'etc/csc/ceod.cf');
        await writeManuals(tree, 'ceod');
        await tree.write('usr/share/doc/ceod/copyright', ownCopyright());
      },
    },
    {
      name: 'ceo-node',
      fields: { Depends: nodeLibraries },
      description: [
        `Node.js ${node.version} for ceo, where the system's is too old`,
        'Used by ceo, ceoc and ceod alone, and by them before any other. Debian 13 and later do not ' +
          'need it.',
      ],
      hasOverrides: true,
      fill: async (tree) => {
        await tree.write(
          'usr/lib/ceo/node/bin/node',
          await stripped(path.join(node.folder, 'bin', 'node')),
          0o755,
        );
        await tree.copy(path.join(node.folder, 'LICENSE'), 'usr/share/doc/ceo-node/copyright');
      },
    },
  ];
}

const CLIENTS = [
  ['ceo', 'ceo/main'],
  ['ceoc', 'ceoc/main'],
  ['addmember', 'ceo/addmember'],
  ['addclub', 'ceo/addclub'],
] as const;

/** The ops that package.json has as programs. */
function opPrograms(): string[] {
  const { bin } = JSON.parse(read('package.json')) as { bin: Record<string, string> };
  return Object.keys(bin).flatMap((name) => /^op-(.*)/.exec(name)?.[1] ?? []);
}

const writeLauncher = (tree: Tree, to: string, program: string, argument?: string) =>
  tree.write(
    to,
    template('launcher.sh', {
      NAME: path.basename(to),
      VERSION,
      NODE: LEAST_NODE,
      PROGRAM: program,
      ARGUMENTS: argument === undefined ? '' : `${argument} `,
    }),
    0o755,
  );

async function fillCode(tree: Tree): Promise<void> {
  const dist = `${CODE}/dist`;
  // The mark of a build that went well is for the checkout alone.
  await tree.copyFolder(inCheckout('dist'), dist, (name) => name !== '.built');
  await tree.write(`${CODE}/check-node.cjs`, template('check-node.cjs', { NODE: LEAST_NODE }));
  for (const [name, files] of Object.entries(NATIVE)) {
    const from = inCheckout('node_modules', name);
    for (const file of files) {
      const to = `${CODE}/node_modules/${name}/${file}`;
      if (file.endsWith('.node')) await tree.write(to, await stripped(path.join(from, file)));
      else await tree.copy(path.join(from, file), to);
    }
  }
}

/** Documents find each other where they are installed. */
const LINKS = [
  ['](docs/', ']('],
  ['](LICENSE)', '](../ceo-common/copyright)'],
  ['](../etc/schema)', '](../../ceo/schema)'],
  ['](../etc/', '](examples/'],
  ['](../proto/', '](../../ceo/proto/'],
  ['](../README', '](README'],
  ['](../CONTRIBUTING', '](CONTRIBUTING'],
] as const;

async function fillDocs(tree: Tree, seconds: number): Promise<void> {
  const doc = 'usr/share/doc/ceo';
  const isText = (name: string) => name.endsWith('.md');
  await tree.copyFolder(inCheckout('docs'), doc, (name) => !isText(name));
  const texts = readdirSync(inCheckout('docs')).filter(isText);
  for (const file of [
    ...['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md'],
    ...texts.map((name) => path.join('docs', name)),
  ]) {
    const text = LINKS.reduce((all, [from, to]) => all.replaceAll(from, to), read(file));
    await tree.write(`${doc}/${path.basename(file)}`, text);
  }
  const isProgram = (name: string) => name.startsWith('hooks/') && !name.endsWith('.sh');
  const isDoc = (name: string) => !name.startsWith('schema/') && !/\.(service|socket)$/.test(name);
  const examples = `${doc}/examples`;
  await tree.copyFolder(inCheckout('etc'), examples, (name) => isDoc(name) && !isProgram(name));
  await tree.copyFolder(inCheckout('etc'), examples, isProgram, 0o755);

  const share = 'usr/share/ceo';
  await tree.copyFolder(inCheckout('proto', 'ceo'), `${share}/proto/ceo`, (name) =>
    name.endsWith('.proto'),
  );
  for (const file of readdirSync(inCheckout('etc', 'schema'))) {
    const name = file.replace('.schema', '');
    await tree.copy(inCheckout('etc', 'schema', file), `${share}/schema/${file}`);
    await tree.write(
      `${share}/schema/${name}.ldif`,
      schemaLdifFile(name, read('etc', 'schema', file)),
    );
  }

  const others = parts();
  await tree.write('usr/share/doc/ceo-common/copyright', copyright(others));
  await tree.write('usr/share/doc/ceo-common/sbom.cdx.json', billOfMaterials(others, seconds));
}

async function fillCompletion(tree: Tree): Promise<void> {
  const write = async (name: string, inBash: string, inZsh: string) => {
    await tree.write(`usr/share/bash-completion/completions/${name}`, inBash);
    await tree.write(`usr/share/zsh/vendor-completions/_${name}`, inZsh);
  };
  // It asks ceo itself at every Tab, which knows usernames and groups.
  const script = (shell: string) =>
    output([process.execPath, inCheckout('dist', 'ceo', 'main.js'), 'completion', shell]);
  await write('ceo', await script('bash'), await script('zsh'));
  const ceoc: Completed = {
    name: 'ceoc',
    options: ['--json', '--help', '--version'],
    words: [...allOps.map(({ name }) => name), 'list', 'describe', 'template'],
  };
  for (const each of [ceoc, completedOf(addmember), completedOf(addclub)]) {
    await write(each.name, bash(each), zsh(each));
  }
}
