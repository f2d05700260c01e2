/** The only way to show text: what came from elsewhere cannot steer the terminal. */
import { Text as InkText, type TextProps } from 'ink';
import { Children, type ReactElement } from 'react';
import { printable } from '../../../printable.js';

/** Control characters become visible. */
export function Text({ children, ...props }: TextProps): ReactElement {
  const shown = Children.map(children, (child) =>
    typeof child === 'string' ? printable(child, Infinity) : child,
  );
  return <InkText {...props}>{shown}</InkText>;
}
