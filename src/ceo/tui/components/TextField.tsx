/** A line to type in, with the terminal's own cursor where the next character goes. */
import { Box, type DOMElement } from 'ink';
import { useContext, useLayoutEffect, useRef, type ReactElement } from 'react';
import stringWidth from 'fast-string-width';
import { printable } from '../../../printable.js';
import type { Position } from '../display.js';
import { graphemes, type Line } from '../lineEditor.js';
import { LayerContext, useStage } from '../stage.js';
import { Text } from './Text.js';

interface TextFieldProps {
  readonly line: Line;
  /** In cells. */
  readonly width: number;
  readonly focused: boolean;
  readonly secret?: boolean;
  /** Shown while it is empty. */
  readonly placeholder?: string;
}

export function TextField({
  line,
  width,
  focused,
  secret = false,
  placeholder = '',
}: TextFieldProps): ReactElement {
  const { setCursor } = useStage();
  const isShown = useContext(LayerContext)?.isShown ?? true;
  const box = useRef<DOMElement>(null);
  const shownOf = (text: string) =>
    secret ? '•'.repeat(graphemes(text).length) : printable(text, Infinity);
  const { visible, column } = windowAround(
    shownOf(line.text.slice(0, line.cursor)),
    shownOf(line.text.slice(line.cursor)),
    width,
  );
  useLayoutEffect(() => {
    if (!focused || !isShown || box.current === null) return undefined;
    const { row, column: start } = positionOf(box.current);
    setCursor({ row, column: start + column });
    return () => setCursor(undefined);
  });
  return (
    <Box ref={box} width={width} height={1} flexShrink={0}>
      {line.text === '' && placeholder !== '' ? (
        <Text dimColor wrap="truncate-end">
          {placeholder}
        </Text>
      ) : (
        <Text bold={focused} wrap="truncate-end">
          {visible}
        </Text>
      )}
    </Box>
  );
}

/** The part of a text that fits, with the cursor in it. */
function windowAround(before: string, after: string, width: number) {
  const room = width - 1;
  const head = graphemes(before);
  let column = stringWidth(before);
  let start = 0;
  for (; column > room; start += 1) column -= stringWidth(head[start] ?? '');
  let visible = head.slice(start).join('');
  let cells = column;
  for (const each of graphemes(after)) {
    cells += stringWidth(each);
    if (cells > width) break;
    visible += each;
  }
  return { visible, column };
}

/** Where an element is on the screen. */
function positionOf(element: DOMElement): Position {
  let row = 0;
  let column = 0;
  for (let node: DOMElement | undefined = element; node !== undefined; node = node.parentNode) {
    row += node.yogaNode?.getComputedTop() ?? 0;
    column += node.yogaNode?.getComputedLeft() ?? 0;
  }
  return { row, column };
}
