/** One sandbox for the whole jest run; the workers inherit its environment. */
import { tsImport } from 'tsx/esm/api';

// jest gives the project's transform for tests alone, so tsx loads the sandbox.
const { startSandbox } = await tsImport('../../sandbox/sandbox.ts', import.meta.url);
const { ceodIsBuilt } = await tsImport('../../sandbox/ceod.ts', import.meta.url);

export default async function start() {
  // Inside `npm run sandbox -- exec npx jest` there is one already.
  if (process.env.CEO_SANDBOX !== undefined) return;
  const sandbox = await startSandbox({ ceods: ceodIsBuilt() });
  globalThis.stopSandbox = sandbox.stop;
  Object.assign(process.env, sandbox.env);
}
