/**
 * Makes dist/ of src/: of each program one file and V8's code cache, which the same launcher
 * starts. The menu stays apart: ink is made of modules that await, and nothing else needs it.
 */
import { execFile } from 'node:child_process';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import * as esbuild from 'esbuild';
import { decodedDescriptors } from './scripts/descriptors.js';
import { writeManifest } from './scripts/manifest.js';

/** For a program that is small, and as a rule runs all of it. */
const ALL = 'all';

/**
 * What is in the code cache of each program: the functions that it begins with, which are those
 * that it compiles when it is run once with these arguments, or all.
 */
const PROGRAMS = {
  'ceo/main': ['--help'],
  'ceo/addmember': ['--help'],
  'ceo/addclub': ['--help'],
  'ceoc/main': ALL,
  'ceod/main': ['--help'],
  'ceod/session': ALL,
  'ceod/runnerProcess': [],
  'ceod/opProgram': [],
};

/** What packages do at every start, done when it is needed, or by Node. */
const QUICKER = [
  {
    // A regular expression of all emoji takes almost as long as Node itself to start.
    filter: /\/string-width\/index\.js$/,
    replace: [
      ['const rgiEmojiRegex = /', 'const rgiEmojiRegex = () => /'],
      ['rgiEmojiRegex.test(', 'rgiEmojiRegex().test('],
    ],
  },
  {
    // The native half for glibc, which its package would look for.
    filter: /\/koffi\/src\/koffi\/src\/static\.js$/,
    replace: ['x64', 'arm64'].map((arch) => [
      `'@koromix/koffi-linux-${arch}'`,
      `'@koromix/koffi-linux-${arch}/linux_${arch}/koffi.node'`,
    ]),
  },
];

/** @type {import('esbuild').Plugin} */
const quickStart = {
  name: 'quick-start',
  setup(build) {
    build.onResolve({ filter: /^assert$/ }, ({ importer }) =>
      importer.includes('/yargs/') ? { path: path.resolve('src/plainAssert.ts') } : undefined,
    );
    for (const { filter, replace } of QUICKER) {
      build.onLoad({ filter }, async ({ path: file }) => {
        const source = await readFile(file, 'utf8');
        // Some packages have an older release of their own, which does without.
        if (!replace.every(([from]) => source.includes(from))) return undefined;
        return {
          contents: replace.reduce((text, [from, to]) => text.replaceAll(from, to), source),
        };
      });
    }
  },
};

/** @type {import('esbuild').Plugin} */
const menuApart = {
  name: 'menu-apart',
  setup(build) {
    build.onResolve({ filter: /\/tui\/open\.js$/ }, ({ path: file }) => ({
      path: file,
      namespace: 'menu',
    }));
    build.onLoad({ filter: /./, namespace: 'menu' }, () => ({
      contents: `const loading = importModule('./tui/open.mjs');
        export const openMenu = async (username) => (await loading).openMenu(username);`,
    }));
  },
};

/** @type {import('esbuild').BuildOptions} */
const common = {
  outbase: 'src',
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  // The launcher reads it as Latin-1, which V8 keeps as it is.
  charset: 'ascii',
  // What is not JavaScript cannot be bundled; ink loads its developers' tools only if DEV is "true".
  external: ['kerberos', '@koromix/*', 'react-devtools-core'],
  define: {
    'process.env.NODE_ENV': '"production"',
    'process.env.DEV': '"false"',
    'Intl.Segmenter': 'LazySegmenter',
    'import.meta.dirname': '__dirname',
    'import.meta.filename': '__filename',
  },
  inject: ['src/lazySegmenter.ts'],
  logLevel: 'warning',
  metafile: true,
};

/** What import.meta.url is for packages; by Node's own URL it would cost more. */
const URL_OF_FILE =
  "const __url = 'file://' + encodeURI(__filename).replace(/[?#]/g, encodeURIComponent);";

const names = Object.keys(PROGRAMS);
const builds = await Promise.all([
  esbuild.build({
    ...common,
    entryPoints: names.map((name) => ({ in: `src/${name}.ts`, out: `${name}.code` })),
    format: 'cjs',
    define: { ...common.define, 'import.meta.url': '__url' },
    plugins: [decodedDescriptors, quickStart, menuApart],
    banner: {
      js: `(function (require, __filename, __dirname, importModule) { 'use strict'; ${URL_OF_FILE}`,
    },
    footer: { js: '})' },
  }),
  esbuild.build({
    ...common,
    entryPoints: names.map((name) => ({ in: 'src/launcher.ts', out: name })),
    inject: [],
    define: { BUILDER: JSON.stringify(`${process.version}-${process.arch}`) },
    format: 'cjs',
  }),
  esbuild.build({
    ...common,
    entryPoints: ['src/ceo/tui/open.tsx'],
    outExtension: { '.js': '.mjs' },
    chunkNames: 'ceo/tui/[name]-[hash]',
    splitting: true,
    format: 'esm',
    plugins: [decodedDescriptors, quickStart],
    // CommonJS in a bundle requires Node's own modules; import.meta would cost 8 ms.
    banner: { js: "const require = process.getBuiltinModule('module').createRequire('/');" },
  }),
]);
await writeFile('dist/package.json', '{ "type": "commonjs" }\n');
await Promise.all(names.map((name) => chmod(`dist/${name}.js`, 0o755)));
await Promise.all(
  Object.entries(PROGRAMS).map(([name, cached]) => {
    const running = promisify(execFile)(process.execPath, [
      'scripts/code-cache.js',
      ...(Array.isArray(cached) ? [`dist/${name}.js`, ...cached] : ['--all', `dist/${name}.js`]),
    ]);
    // A runner waits for what its master says.
    running.child.stdin?.end();
    return running;
  }),
);
writeManifest(
  'dist',
  builds.map(({ metafile }) => metafile),
);
