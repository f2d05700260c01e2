/**
 * A number that is not negative, in C notation as strtol(3) reads it with base
 * 0: `0x1f`, `037`, `31`.
 * @returns undefined if it is no such number, or too large to be exact
 */
export function parseNumber(text: string): number | undefined {
  const [digits, base] = /^0x[0-9a-f]+$/i.test(text)
    ? [text.slice(2), 16]
    : /^0[0-7]*$/.test(text)
      ? [text, 8]
      : [text, 10];
  if (base === 10 && !/^[1-9]\d*$/.test(digits)) return undefined;
  const value = parseInt(digits, base);
  return Number.isSafeInteger(value) ? value : undefined;
}
