/** Promise: what fails again and again is tried less and less often; once it works, soon again. */
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { Backoff } from '../../src/ceod/base/backoff.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** How long it waits, in milliseconds. */
function waited(backoff: Backoff): number {
  const from = Date.now();
  let at: number | undefined;
  backoff.wait(() => (at = Date.now()));
  jest.runAllTimers();
  return (at ?? NaN) - from;
}

test('twice as long each time, up to a limit', () => {
  const backoff = new Backoff(100, 1_000);
  const times = Array.from({ length: 6 }, () => waited(backoff));
  expect(times).toEqual([100, 200, 400, 800, 1_000, 1_000]);
  backoff.reset();
  expect(waited(backoff)).toBe(100);
});

test('who waits already waits on, and is called back once', () => {
  const backoff = new Backoff(100);
  const then = jest.fn();
  backoff.wait(then);
  jest.advanceTimersByTime(50);
  backoff.wait(then);
  expect(backoff.waiting).toBe(true);
  jest.advanceTimersByTime(50);
  expect(then).toHaveBeenCalledTimes(1);
  expect(backoff.waiting).toBe(false);
  jest.advanceTimersByTime(10_000);
  expect(then).toHaveBeenCalledTimes(1);
});

test('stopped: nobody is called back', () => {
  const backoff = new Backoff(100);
  const then = jest.fn();
  backoff.wait(then);
  backoff.stop();
  expect(backoff.waiting).toBe(false);
  jest.advanceTimersByTime(10_000);
  expect(then).not.toHaveBeenCalled();
});
