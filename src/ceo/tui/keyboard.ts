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
  private paste: Paste | undefined;

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
    this.paste?.drop();
  }

  private readonly receive = (text: string | undefined, raw: RawKey): void => {
    const { name = '', ctrl = false, meta = false, shift = false, sequence = '' } = raw;
    if (name === 'paste-start') {
      this.paste?.drop();
      this.paste = new Paste(this.endPaste);
    } else if (name === 'paste-end') {
      this.endPaste();
    } else if (this.paste !== undefined && !(ctrl && name === 'c' && this.paste.isStuck)) {
      this.paste.add(text ?? sequence);
    } else if (!meta || name === 'escape') {
      this.endPaste();
      const writes = text !== undefined && !ctrl && !/\p{Cc}/u.test(text);
      const known = name === 'enter' ? 'return' : name;
      this.onKey({ name: known, text: writes ? text : '', ctrl, shift });
    }
  };

  private readonly endPaste = (): void => {
    const text = this.paste?.end();
    this.paste = undefined;
    if (text !== undefined) this.onKey({ name: 'paste', text, ctrl: false, shift: false });
  };
}

/** Longer than anything that a field is for. */
const MAX_PASTE = 65_536;

/** The end of a paste may be lost: after a pause as long as this there is none to wait for. */
const PASTE_PAUSE_MS = 1_000;

/** Nobody's fingers are as fast as what is pasted. */
const TYPED_PAUSE_MS = 100;

/** Text that is being pasted: none of it is a key, and nothing is swallowed for ever. */
class Paste {
  private text = '';
  private isTooLong = false;
  private lastAt = performance.now();
  private readonly timer: NodeJS.Timeout;

  /** @param onPause its end does not come */
  constructor(onPause: () => void) {
    this.timer = setTimeout(onPause, PASTE_PAUSE_MS);
  }

  /** Whether Ctrl-C is somebody's who wants to leave, and none of the text. */
  get isStuck(): boolean {
    return this.isTooLong || performance.now() - this.lastAt > TYPED_PAUSE_MS;
  }

  add(text: string): void {
    this.lastAt = performance.now();
    this.timer.refresh();
    if (this.text.length + text.length > MAX_PASTE) this.isTooLong = true;
    if (!this.isTooLong) this.text += text;
  }

  drop(): void {
    clearTimeout(this.timer);
  }

  /** @returns its text; undefined if that is too long */
  end(): string | undefined {
    this.drop();
    return this.isTooLong ? undefined : this.text;
  }
}
