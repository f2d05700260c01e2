/** The next text that begins with a letter, from the one behind `at` on, and round again. */
export function nextWith(texts: readonly string[], at: number, letter: string): number | undefined {
  const order = texts.map((_text, index) => (at + 1 + index) % texts.length);
  return order.find((index) => texts[index]?.toLowerCase().startsWith(letter.toLowerCase()));
}
