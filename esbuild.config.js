/**
 * Makes dist/ of src/. Those of ceo share chunks, so that a command loads what it needs; the others
 * are one file each.
 */
import { chmod, cp, writeFile } from 'node:fs/promises';
import * as esbuild from 'esbuild';
import { writeManifest } from './scripts/manifest.js';

const CHUNKED = {
  'ceo/main': 'src/ceo/main.ts',
  'ceo/addmember': 'src/ceo/addmember.ts',
  'ceo/addclub': 'src/ceo/addclub.ts',
};
const WHOLE = {
  'ceoc/main': 'src/ceoc/main.ts',
  'ceod/main': 'src/ceod/master/main.ts',
  'ceod/check': 'src/ceod/check/main.ts',
  'ceod/session': 'src/ceod/session/main.ts',
  'ceod/runner': 'src/ceod/runner/main.ts',
  'ceod/opProgram': 'src/ceod/runner/opProgram.ts',
  'ceod/setup': 'src/ceod/setup/main.ts',
};

/** @type {import('esbuild').BuildOptions & { metafile: true }} */
const common = {
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

const builds = await Promise.all([
  esbuild.build({
    ...common,
    entryPoints: CHUNKED,
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
  }),
  esbuild.build({ ...common, entryPoints: WHOLE }),
]);
await writeFile('dist/package.json', '{ "type": "module" }\n');
// What ceod-setup gives to slapd, and slapd.conf can include.
await cp('etc/schema', 'dist/ceod/schema', { recursive: true });
await Promise.all(
  Object.keys({ ...CHUNKED, ...WHOLE }).map((name) => chmod(`dist/${name}.js`, 0o755)),
);
writeManifest(
  'dist',
  builds.map(({ metafile }) => metafile),
);
