/** Which packages a program of ours loads. */
import { readFile } from 'node:fs/promises';
import { runAs, type DemoUser } from './realm.js';

const HOOK = `export async function resolve(specifier, context, next) {
  const resolved = await next(specifier, context);
  process._rawDebug(\`loaded \${resolved.url}\`);
  return resolved;
}`;
const REGISTER = `import { register } from 'node:module';
register('data:text/javascript,${encodeURIComponent(HOOK)}');`;

/** The names of the packages, those in the bundles among them: esbuild tells where each part is from. */
export async function packagesLoadedBy(
  user: DemoUser,
  command: readonly [string, ...string[]],
  env: Record<string, string> = {},
): Promise<Set<string>> {
  const { stderr } = await runAs(user, command, {
    env: { ...env, NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(REGISTER)}` },
  });
  const urls = [...stderr.matchAll(/^loaded (file:.*)$/gm)].map(([, url = '']) => new URL(url));
  const texts = await Promise.all(
    urls.map(async (url) =>
      url.pathname.includes('/dist/') ? readFile(url, 'utf8') : `// ${url.pathname}`,
    ),
  );
  const parts = texts.flatMap((text) => [
    ...text.matchAll(/^\/\/ .*node_modules\/((?:@[^/]+\/)?[^/]+)\//gm),
  ]);
  return new Set(parts.map(([, name = '']) => name));
}
