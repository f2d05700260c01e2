import { expect, test } from '@jest/globals';
import { addressOf } from '../../src/ceod/pool.js';

test.each([
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['192.0.2.7', '192.0.2.7'],
  ['2001:db8::7', '2001:db8::7'],
  [undefined, undefined],
])('the address of a peer at %s is %s', (remoteAddress, address) => {
  expect(addressOf({ remoteAddress })).toBe(address);
});
