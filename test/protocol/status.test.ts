/** Promise: a reply's lines say which of them failed, which warned, and which may be asked again. */
import { expect, test } from '@jest/globals';
import {
  firstFailure,
  isBusy,
  isWarning,
  Status,
  success,
  warning,
  type StatusLine,
} from '../../src/protocol/status.js';

const failed: StatusLine = { status: Status.EIO, message: 'warning: no' };
const full: StatusLine = { status: Status.EBUSY, message: 'full' };

test('the first failure is the reason; warnings are none', () => {
  expect(firstFailure([success('done'), warning('quota'), failed, full])).toBe(failed);
  expect(firstFailure([success('done'), warning('quota')])).toBeUndefined();
  expect(firstFailure([])).toBeUndefined();
});

test('warnings', () => {
  expect(warning('quota')).toEqual({ status: 0, message: 'warning: quota' });
  expect(
    [warning('quota'), success('done'), success('no warning: '), failed].map(isWarning),
  ).toEqual([true, false, false, false]);
});

test('busy', () => {
  expect([full, failed, success('done')].map(isBusy)).toEqual([true, false, false]);
});
