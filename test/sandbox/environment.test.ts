import { expect, test } from '@jest/globals';
test('x', () => {
  expect(process.env['CEO_SANDBOX']).toBeDefined();
});
