/** Which packages a program of ours loads. */
import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { folder, runAs, type DemoUser } from './realm.js';

/** What NODE_V8_COVERAGE leaves: https://chromedevtools.github.io/devtools-protocol/v8/Profiler */
interface Coverage {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly {
      readonly functionName: string;
      readonly ranges: readonly { readonly count: number }[];
    }[];
  }[];
}

/** The names of the packages, those in the bundles among them. */
export async function packagesLoadedBy(
  user: DemoUser,
  command: readonly [string, ...string[]],
  env: Record<string, string> = {},
): Promise<Set<string>> {
  const dir = await mkdtemp(path.join(folder, 'coverage-'));
  await runAs(user, command, { env: { ...env, NODE_V8_COVERAGE: dir } });
  const [report = ''] = await readdir(dir);
  const { result } = JSON.parse(await readFile(path.join(dir, report), 'utf8')) as Coverage;
  const files = await Promise.all(
    result.map(async ({ url, functions }) => {
      if (!url.includes('/dist/')) return [url];
      const executed = functions.filter(({ ranges }) => ranges[0]?.count !== 0);
      const names = new Set(executed.map(({ functionName }) => functionName));
      const bundle = await readFile(url.startsWith('file:') ? fileURLToPath(url) : url, 'utf8');
      return loadedParts(bundle, names);
    }),
  );
  if (!files.flat().some((file) => file.startsWith('src/')))
    throw new Error('the bundles do not tell where their parts are from');
  const names = files.flat().map((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1]);
  return new Set(names.filter((name) => name !== undefined));
}

/**
 * The files in a bundle that were loaded. esbuild tells in a comment where each part is from; what
 * need not be loaded at the start is in a function that is called like the file.
 */
function loadedParts(bundle: string, executed: ReadonlySet<string>): string[] {
  const [, ...parts] = bundle.split(/^\/\/ (?=\S+\.[cm]?[jt]sx?$)/m);
  return parts.flatMap((part) => {
    const [file = ''] = part.split('\n', 1);
    const isWrapped = /^var \w+ = __(?:esm|commonJS)\(/m.test(part);
    return !isWrapped || executed.has(file) ? [file] : [];
  });
}
