/**
 * Makes dist/ of src/. Those of ceo share chunks, so that a command loads what it needs; the others
 * are one file each.
 */
import { chmod, writeFile } from 'node:fs/promises';
import * as esbuild from 'esbuild';
import { writeManifest } from './scripts/manifest.js';

const CHUNKED = ['ceo/main', 'ceo/addmember', 'ceo/addclub'];
const WHOLE = ['ceoc/main', 'ceod/main', 'ceod/session', 'ceod/runnerProcess', 'ceod/opProgram'];

/** @type {import('esbuild').BuildOptions & { metafile: true }} */
const common = {
  outbase: 'src',
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'esm',
  // CommonJS in a bundle requires Node's own modules.
  banner: {
    js: "const require = process.getBuiltinModule('module').createRequire(import.meta.url);",
  },
  // What is not JavaScript cannot be bundled; ink loads its developers' tools only if DEV is "true".
  // The other one takes longer to load than all the rest of `ceo --help`.
  alias: { 'string-width': 'fast-string-width' },
  external: ['kerberos', '@koromix/*', 'react-devtools-core'],
  define: { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"' },
  logLevel: 'warning',
  metafile: true,
};

/** @param {readonly string[]} names */
const sources = (names) => names.map((name) => `src/${name}.ts`);

const builds = await Promise.all([
  esbuild.build({
    ...common,
    entryPoints: sources(CHUNKED),
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
  }),
  esbuild.build({ ...common, entryPoints: sources(WHOLE) }),
]);
await writeFile('dist/package.json', '{ "type": "module" }\n');
await Promise.all([...CHUNKED, ...WHOLE].map((name) => chmod(`dist/${name}.js`, 0o755)));
writeManifest(
  'dist',
  builds.map(({ metafile }) => metafile),
);
