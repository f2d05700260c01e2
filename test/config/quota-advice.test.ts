/** Promise: a site whose homes have quotas, and whose new accounts get none, is told so. */
import { describe, expect, test } from '@jest/globals';
import { adviceOnQuota } from '../../src/config/advice.js';

const mounts = (...lines: string[]) => lines.map((line) => line.split(' '));
const ROOT = '/dev/sda1 / ext4 rw,relatime 0 0';

describe('told', () => {
  test.each(['usrquota', 'usrjquota=aquota.user', 'uquota', 'quota'])('%s', (option) => {
    const table = mounts(ROOT, `/dev/sdb1 /users ext4 rw,${option},relatime 0 0`);
    expect(adviceOnQuota(['/users', '/users'], undefined, table)).toEqual([
      expect.stringMatching(/^\/users: .*quota_command = setquota/),
    ]);
  });

  test('homes below the mount', () => {
    const table = mounts('/dev/sda1 / ext4 rw,usrquota 0 0');
    expect(adviceOnQuota(['/home/users', '/home/clubs'], undefined, table)[0]).toContain(
      '/home/users and /home/clubs: ',
    );
  });
});

describe('nothing is said', () => {
  test.each<[string, string[], string[] | undefined]>([
    ['no quotas', [ROOT], undefined],
    ['quotas of groups alone', ['/dev/sda1 / ext4 rw,grpquota 0 0'], undefined],
    [
      'none where homes are',
      ['/dev/sda1 / ext4 rw,usrquota 0 0', '/dev/b /users ext4 rw 0 0'],
      undefined,
    ],
    ['another folder', [ROOT, '/dev/b /users2 ext4 rw,usrquota 0 0'], undefined],
    ['they are set', ['/dev/sda1 / ext4 rw,usrquota 0 0'], ['setquota']],
    ['no table', [], undefined],
  ])('%s', (_what, lines, command) => {
    expect(adviceOnQuota(['/users'], command, mounts(...lines))).toEqual([]);
  });
});
