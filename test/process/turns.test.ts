/** Promise: what never answers keeps its place and no more: the others are told so, or have theirs. */
import { expect, test } from '@jest/globals';
import { Turns } from '../../src/process/turns.js';

const never = () => new Promise<never>(() => undefined);
const NO_ANSWER = 'the clock does not answer';

test('without an answer: unknown for whom it was begun, not begun for the others, who hear it in time', async () => {
  const turns = new Turns('the clock', 1);
  const first = turns.run(50, never);
  const waits = turns.run(50, () => Promise.reject(new Error('begun')));
  expect(await Promise.allSettled([first, waits])).toMatchObject([
    { reason: { code: 'outcome_unknown', message: NO_ANSWER } },
    { reason: { code: 'unreachable', message: NO_ANSWER } },
  ]);
  await expect(turns.run(10, never)).rejects.toMatchObject({ code: 'unreachable' });
  expect(turns.areFree).toBe(false);
});

test('a late answer gives the place back, and whoever waits has it', async () => {
  const turns = new Turns('the clock', 1);
  let answer = (): void => undefined;
  const late = turns.run(20, () => new Promise<void>((resolve) => (answer = resolve)));
  await expect(late).rejects.toThrow(NO_ANSWER);
  const next = turns.run(10_000, () => Promise.resolve('noon'));
  // Nobody has waited for as long as that.
  answer();
  expect(await next).toBe('noon');
  expect(turns.areFree).toBe(true);
});

test('never more at a time than there are places, in order, whatever becomes of them', async () => {
  const turns = new Turns('the clock', 3);
  let atWork = 0;
  let most = 0;
  const order: number[] = [];
  const all = Array.from({ length: 50 }, (_, i) =>
    turns.run(10_000, async () => {
      order.push(i);
      atWork += 1;
      most = Math.max(most, atWork);
      await new Promise((resolve) => setTimeout(resolve, i % 3));
      atWork -= 1;
      if (i % 5 === 0) throw new Error('broken');
      return i;
    }),
  );
  const results = await Promise.allSettled(all);
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(40);
  expect(most).toBe(3);
  expect(order).toEqual(Array.from({ length: 50 }, (_, i) => i));
  expect(turns.areFree).toBe(true);
});
