/** Stops the sandbox that start.ts started, if it did. */
export default async function stop(): Promise<void> {
  await globalThis.stopSandbox?.();
}
