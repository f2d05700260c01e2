/**
 * Makes dist/ of src/. Each program is bundled by itself, so that what it needs at
 * start is in as few files as can be; what it imports dynamically stays apart.
 */
import { readFile } from 'node:fs/promises';
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

/**
 * string-width makes a regular expression of all emoji when it is loaded, which takes
 * almost as long as Node itself: here it makes it when a text is not ASCII.
 */
const lazyEmoji = {
  name: 'lazy-emoji',
  setup({ onLoad }) {
    onLoad({ filter: /\/string-width\/index\.js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      // Older releases, of which some packages have one, do without.
      if (!source.includes('rgiEmojiRegex')) return undefined;
      const contents = source
        .replace('const rgiEmojiRegex = ', 'const rgiEmojiRegex = () => ')
        .replaceAll('rgiEmojiRegex.test(', 'rgiEmojiRegex().test(');
      if (contents.length - source.length !== '() => ()'.length)
        throw new Error(`${path} is another`);
      return { contents };
    });
  },
};

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
      plugins: [lazyEmoji],
      // CommonJS in a bundle requires Node's own modules; import.meta would cost 8 ms.
      banner: {
        js: "const require = process.getBuiltinModule('module').createRequire('/');",
      },
      logLevel: 'warning',
    }),
  ),
);
