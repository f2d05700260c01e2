/**
 * Stands for `assert` in yargs as it is bundled, which asserts at every start that there is a package.json
 * above the current folder, and Node's own error takes 3 ms to say that there is none.
 */
export function strictEqual(actual: unknown, expected: unknown, message?: string): void {
  if (!Object.is(actual, expected)) throw new Error(message);
}

export function notStrictEqual(actual: unknown, expected: unknown, message?: string): void {
  if (Object.is(actual, expected)) throw new Error(message);
}
