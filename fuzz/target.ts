/** What is fuzzed: a function that takes any bytes, and throws only if a promise is broken. */
export interface Target {
  /** @throws what the promise about these bytes says never happens */
  readonly fuzz: (data: Buffer) => void;
  /** Where the search begins: input that is well-formed, or nearly so. */
  readonly seeds: readonly Buffer[];
}

/** @throws Error that says what does not hold */
export function promise(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`broken promise: ${what}`);
}

/** What `work` returns; undefined if it refuses as it may. @throws whatever else it throws */
export function refusing<T>(refusal: abstract new (...args: never[]) => Error, work: () => T) {
  try {
    return work();
  } catch (error) {
    if (error instanceof refusal) return undefined;
    throw error;
  }
}
