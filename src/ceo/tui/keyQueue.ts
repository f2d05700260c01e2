/** Keys wait until the page has shown what the key before them did, and until it can take them. */
import { useStdin } from 'ink';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { Keyboard, type Key } from './keyboard.js';
import type { KeyUse } from './stage.js';

export type OnKey = (key: Key) => KeyUse;

interface KeyQueue {
  /** Delivers what a page put off. */
  readonly retry: () => void;
  /** Forgets what waits. */
  readonly discard: () => void;
}

/** @param onUrgent takes the keys that never wait. @returns whether this is one */
export function useKeyQueue(onKey: OnKey, onUrgent: (key: Key) => boolean): KeyQueue {
  const { stdin } = useStdin();
  const [, setDelivered] = useState(0);
  const waiting = useRef<Key[]>([]);
  const rendering = useRef(false);
  const latest = useRef(onKey);
  useLayoutEffect(() => {
    latest.current = onKey;
    rendering.current = false;
  });

  const queue = useMemo(() => {
    const deliver = () => {
      const [key] = waiting.current;
      if (key === undefined || rendering.current) return;
      if (latest.current(key) === 'later') {
        // Esc gives up what is waited for, and with it what was typed ahead.
        const escape = waiting.current.findIndex(({ name }) => name === 'escape');
        if (escape <= 0) return;
        waiting.current.splice(0, escape);
        deliver();
        return;
      }
      waiting.current.shift();
      // Whatever the key did is rendered together with this.
      rendering.current = true;
      setDelivered((count) => count + 1);
    };
    return {
      retry: () => {
        setImmediate(deliver);
      },
      discard: () => {
        waiting.current = [];
      },
      take: (key: Key) => {
        waiting.current.push(key);
        deliver();
      },
    };
  }, []);
  // After every rendering of the program: the next key.
  useEffect(() => {
    queue.retry();
  });

  const urgent = useRef(onUrgent);
  useEffect(() => {
    const keyboard = new Keyboard(stdin, (key) => {
      if (!urgent.current(key)) queue.take(key);
    });
    return () => keyboard.stop();
  }, [stdin, queue]);
  return queue;
}
