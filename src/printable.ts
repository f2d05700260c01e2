/**
 * Text that came from elsewhere, made safe to show: control characters (C0,
 * DEL, C1), line and paragraph separators, and characters that change the
 * direction of text become visible `\u{…}` escapes; what is too long is cut.
 */
export function printable(text: string, maxLength = 500): string {
  const escaped = text.replace(
    /[\p{Cc}\p{Cs}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
  return escaped.length <= maxLength ? escaped : `${escaped.slice(0, maxLength)}…`;
}
