/** Keys as they are pressed: decoded by readline, pasted text as a whole. */
import { emitKeypressEvents, type Interface, type Key as RawKey } from 'node:readline';
import type { EventEmitter } from 'node:events';

export interface Key {
  /** As readline names it: `up`, `return`, `escape`, `a`…; `paste` for pasted text. */
  readonly name: string;
  /** What it writes; empty for a key that writes nothing. */
  readonly text: string;
  readonly ctrl: boolean;
  readonly shift: boolean;
}

/** How long the rest of a key's bytes may take before what came is the Esc key alone; a slow link splits them. */
const ESCAPE_TIMEOUT_MS = 100;

/**
 * Reads a terminal in raw mode. Keys with Alt are none: they look like Esc and a key soon
 * after it, of which the second was meant for what the first would have shown.
 */
export class Keyboard {
  private pasted: string | undefined;

  constructor(
    private readonly input: EventEmitter & NodeJS.ReadableStream,
    private readonly onKey: (key: Key) => void,
  ) {
    const options = { escapeCodeTimeout: ESCAPE_TIMEOUT_MS };
    emitKeypressEvents(input, options as unknown as Interface);
    input.on('keypress', this.receive);
  }

  stop(): void {
    this.input.off('keypress', this.receive);
  }

  private readonly receive = (text: string | undefined, raw: RawKey): void => {
    const { name = '', ctrl = false, meta = false, shift = false, sequence = '' } = raw;
    if (name === 'paste-start') {
      this.pasted = '';
    } else if (name === 'paste-end') {
      this.onKey({ name: 'paste', text: this.pasted ?? '', ctrl, shift });
      this.pasted = undefined;
    } else if (this.pasted !== undefined) {
      this.pasted += text ?? sequence;
    } else if (!meta || name === 'escape') {
      const writes = text !== undefined && !ctrl && !/\p{Cc}/u.test(text);
      const known = name === 'enter' ? 'return' : name;
      this.onKey({ name: known, text: writes ? text : '', ctrl, shift });
    }
  };
}
