/** Servers that take a connection and say nothing: stopped, or behind a net that has lost their packets. */
import type { Socket } from 'node:net';

/** @throws Error, for people, if it takes longer */
export async function within<T>(limitMs: number, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    // What came in while this process had no time counts: it is looked at before an immediate.
    timer = setTimeout(() => setImmediate(reject, silence(limitMs)), limitMs);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Waits as long as the server gives a sign of life, however long the answer takes.
 * @param ask puts a question that can be answered at once
 */
export async function whileAlive<T>(
  socket: Socket,
  patienceMs: number,
  ask: () => Promise<unknown>,
  answer: Promise<T>,
): Promise<T> {
  let heard = false;
  let asked = false;
  const onData = () => (heard = true);
  const look = () => {
    if (!heard && asked) socket.destroy(silence(2 * patienceMs));
    else if (!heard) ask().catch(() => undefined);
    asked = !heard;
    heard = false;
  };
  const timer = setInterval(look, patienceMs);
  socket.on('data', onData);
  try {
    return await answer;
  } finally {
    clearInterval(timer);
    socket.off('data', onData);
  }
}

const silence = (ms: number) => new Error(`no answer within ${ms / 1000} s`);

/** Whether it was for want of an answer that something failed; the second is ldapts' own wording. */
export const isSilence = (reason: string): boolean =>
  /no answer within|Operation timed out/.test(reason);
