/** Work that a page waits for: begun when it is shown, again on demand, given up when it goes. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { asCeoError, type CeoError } from '../../errors.js';
import { useStage } from './stage.js';

export type Work<T> =
  | { readonly state: 'running'; /** Of the time before. */ readonly value?: T | undefined }
  | { readonly state: 'done'; readonly value: T }
  | { readonly state: 'failed'; readonly error: CeoError };

/** @returns how far it is, and how to do it again, with new connections after a failure */
export function useWork<T>(work: () => Promise<T>): [Work<T>, () => void] {
  const { reconnect } = useStage();
  const [current, setCurrent] = useState<Work<T>>({ state: 'running' });
  const turn = useRef(0);
  const begin = useCallback(() => {
    const mine = (turn.current += 1);
    const settle = (settled: Work<T>) => {
      if (turn.current === mine) setCurrent(settled);
    };
    setCurrent((old) => ({
      state: 'running',
      value: old.state === 'failed' ? undefined : old.value,
    }));
    work().then(
      (value) => settle({ state: 'done', value }),
      async (error: unknown) => {
        // What nobody waits for any more must not take the connections from what came after it.
        if (turn.current === mine) await reconnect();
        settle({ state: 'failed', error: asCeoError(error) });
      },
    );
  }, [reconnect, work]);
  const first = useRef(begin);
  useEffect(() => {
    first.current();
    return () => {
      turn.current = -1;
    };
  }, []);
  return [current, begin];
}
