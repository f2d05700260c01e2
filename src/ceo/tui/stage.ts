/** What a page has of the program around it. */
import { createContext, useContext } from 'react';
import type { ReactNode } from 'react';
import type { Context } from '../context.js';
import type { Position } from './display.js';
import type { Key } from './keyboard.js';

/** What became of a key: `later`: keep it until the page can take it; `unused`: the program may have it. */
export type KeyUse = 'used' | 'unused' | 'later';

/** Does what a key is for. */
export function act(action: () => void): KeyUse {
  action();
  return 'used';
}

export interface Stage {
  /** The directory, ceod and the library. */
  readonly context: Context;
  /** Whose ticket it is. */
  readonly username: string;
  readonly columns: number;
  readonly rows: number;
  /** Shows a further page, on top of this one. */
  readonly open: (page: ReactNode) => void;
  /** Back to the page below. */
  readonly back: () => void;
  /** Gives the terminal back and ends. */
  readonly leave: () => void;
  /** Text that is printed when the program ends, so that it can be copied. */
  readonly keep: (text: string) => void;
  /** What is under way that a sudden end would leave in doubt; undefined: nothing. */
  readonly inHand: (what: string | undefined) => void;
  /** What failed is not asked again over the same connections, or with the same ticket. */
  readonly reconnect: () => Promise<void>;
  readonly setCursor: (position: Position | undefined) => void;
  /** Forgets keys that were pressed before a page that asks for a decision was there. */
  readonly discardKeys: () => void;
}

export const StageContext = createContext<Stage | undefined>(undefined);

export function useStage(): Stage {
  const stage = useContext(StageContext);
  if (stage === undefined) throw new Error('there is no stage around this page');
  return stage;
}

/** Where a page is: the one on top is shown, and gets the keys. */
export interface Layer {
  readonly isTop: boolean;
  /** On top, and neither the help nor anything else in its place. */
  readonly isShown: boolean;
  /** Who takes the keys of this page. */
  readonly listen: (onKey: (key: Key) => KeyUse) => void;
  /** Delivers what was kept for later. */
  readonly retry: () => void;
}

export const LayerContext = createContext<Layer | undefined>(undefined);
