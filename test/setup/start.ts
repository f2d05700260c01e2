/** One sandbox for the whole jest run; the workers inherit its environment. */
declare global {
  /** Left for stop.ts, which jest loads apart from this. */
  var stopSandbox: (() => Promise<void>) | undefined;
}

/** jest turns its set-up files into CommonJS: tsx loads what they need as it is. */
async function load<Module>(file: string): Promise<Module> {
  const { tsImport } = await import('tsx/esm/api');
  return (await tsImport(file, import.meta.url)) as Module;
}

export default async function start(): Promise<void> {
  // Inside `npm run sandbox -- exec npx jest` there is one already.
  if (process.env['CEO_SANDBOX'] !== undefined) return;
  const { startSandbox } = await load<typeof import('../../sandbox/sandbox.js')>(
    '../../sandbox/sandbox.ts',
  );
  const { ceodIsBuilt } =
    await load<typeof import('../../sandbox/ceod.js')>('../../sandbox/ceod.ts');
  const sandbox = await startSandbox({ ceods: ceodIsBuilt() });
  globalThis.stopSandbox = sandbox.stop;
  Object.assign(process.env, sandbox.env, {
    // Tests of the acceptor's side; programs that are started choose their own.
    KRB5_KTNAME: `FILE:${sandbox.folder}/keytabs/ceod.keytab`,
  });
}
