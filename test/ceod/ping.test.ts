/** Promise: a ping is bounded, whatever becomes of what it looks at, and many cost no more than one. */
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { PingResponse_Health as Health } from '../../src/generated/ceo/ceo_pb.js';
import { ping, type Looks } from '../../src/ceod/ops/ping.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

const after = (ms: number) => () => new Promise<void>((resolve) => setTimeout(resolve, ms));
const never = () => new Promise<void>(() => undefined);

const handlerOf = (looks: Looks) => {
  const handler = ping({ hostname: 'ginseng', opNames: ['ping'] }, looks);
  return async () => {
    const { parts } = await handler.execute({} as never, {} as never);
    return Object.fromEntries((parts ?? []).map(({ name, health }) => [name, health])) as Record<
      string,
      Health
    >;
  };
};

test('one word for each part, in parallel', async () => {
  const ask = handlerOf({
    quick: after(10),
    slow: after(1_500),
    refused: () => Promise.reject(new Error('no')),
    silent: never,
    silentToo: never,
  });
  const answer = ask();
  await jest.advanceTimersByTimeAsync(2_000);
  expect(await answer).toEqual({
    quick: Health.OK,
    slow: Health.SLOW,
    refused: Health.DOWN,
    silent: Health.DOWN,
    silentToo: Health.DOWN,
  });
});

test('a look that hangs is not begun again, and is waited for no longer', async () => {
  const look = jest.fn(never);
  const ask = handlerOf({ look });
  const first = Promise.all([ask(), ask(), ask()]);
  await jest.advanceTimersByTimeAsync(2_000);
  const down = { look: Health.DOWN };
  expect(await first).toEqual([down, down, down]);
  const later = ask();
  await jest.advanceTimersByTimeAsync(0);
  expect(await later).toEqual({ look: Health.DOWN });
  expect(look).toHaveBeenCalledTimes(1);
});

test('what is over is looked at anew', async () => {
  let isUp = false;
  const ask = handlerOf({ look: () => (isUp ? Promise.resolve() : Promise.reject(new Error())) });
  expect(await ask()).toEqual({ look: Health.DOWN });
  isUp = true;
  expect(await ask()).toEqual({ look: Health.OK });
});
