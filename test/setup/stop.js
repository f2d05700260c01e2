/** Stops the sandbox that start.js started, if it did. */
export default async function stop() {
  await globalThis.stopSandbox?.();
}
