/**
 * Text that came from elsewhere, made safe to show, and to print as JSON. The one list of what is
 * not shown as it is: control characters (C0, DEL, C1), line and paragraph separators, lone
 * surrogates, and characters without a shape of their own, which change the direction of text or
 * hide in it. Without the two joiners, some languages and emoji cannot be written.
 */
const UNSAFE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u2065\u{e0000}-\u{e007f}]|(?![\u200c\u200d])\p{Cf}/gu;

/** The text with visible `\u{…}` escapes; what is too long is cut. */
export function printable(text: string, maxLength = 500): string {
  const escaped = text.replace(
    UNSAFE,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
  return escaped.length <= maxLength ? escaped : `${escaped.slice(0, maxLength)}…`;
}

/**
 * A value as JSON in one line, with JSON's own escapes: its value is the same. The only way JSON
 * reaches a terminal or a log.
 * @param replacer as JSON.stringify() has it
 */
export function printableJson(
  value: object,
  replacer?: (key: string, each: unknown) => unknown,
): string {
  return JSON.stringify(value, replacer).replace(UNSAFE, (character) =>
    Array.from({ length: character.length }, (_unit, index) => {
      const unit = character.charCodeAt(index).toString(16);
      return `\\u${unit.padStart(4, '0')}`;
    }).join(''),
  );
}
