/**
 * Makes dist/ of src/. Each program is bundled by itself, so that what it needs at
 * start is in as few files as can be; what it imports dynamically stays apart.
 */
import { build } from 'esbuild';

const PROGRAMS = [
  ['ceo/main', 'ceo/addmember', 'ceo/addclub'],
  ['ceoc/main'],
  // master.ts and main.ts name programs beside their own file: they must not become chunks.
  ['ceod/main'],
  ['ceod/session'],
  ['ceod/runnerProcess'],
  ['ceod/opProgram'],
];

await Promise.all(
  PROGRAMS.map((entries) =>
    build({
      entryPoints: entries.map((entry) => `src/${entry}.ts`),
      outdir: 'dist',
      outbase: 'src',
      chunkNames: 'chunks/[name]-[hash]',
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      target: 'node20.19',
      // What is not JavaScript cannot be bundled; ink loads its developers' tools only if DEV is "true".
      external: ['kerberos', 'koffi', 'react-devtools-core'],
      define: {
        'process.env.NODE_ENV': '"production"',
        'process.env.DEV': '"false"',
        'Intl.Segmenter': 'LazySegmenter',
      },
      inject: ['src/lazySegmenter.ts'],
      // CommonJS in a bundle requires Node's own modules; import.meta would cost 8 ms.
      banner: {
        js: "const require = process.getBuiltinModule('module').createRequire('/');",
      },
      logLevel: 'warning',
    }),
  ),
);
