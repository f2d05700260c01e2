/** The journal, by which root undoes: whatever stands in it, what is undone is an account’s own. */
import path from 'node:path';
import { planProblem, type AccountPlan } from '../../src/ceod/accounts/plan.js';
import { MalformedJournal, parseJournal } from '../../src/ceod/accounts/journal.js';
import { replay } from '../../src/ceod/accounts/transaction.js';
import type { AccountsSettings } from '../../src/config/settings.js';
import { AddUser_Type as Type } from '../../src/generated/ceo/ceo_pb.js';
import { promise, refusing } from '../target.js';

const settings = {
  ...{ memberHome: '/users', clubHome: '/clubs' },
  ...{ memberMinId: 20_001, memberMaxId: 29_999, clubMinId: 30_001, clubMaxId: 39_999 },
} as AccountsSettings;

const plan = {
  ...{ type: Type.MEMBER, username: 'alice', realname: 'Alice', program: '', forward: '' },
  ...{ home: '/users/alice', staging: '/users/.ceod-alice-0123456789ab', startedAt: 1 },
};
const writer = { pid: 1, startTime: '1' };

const journal = (...records: readonly object[]) =>
  Buffer.from([writer, ...records].map((each) => `${JSON.stringify(each)}\n`).join(''));

export const seeds = [
  journal({ plan }, { intent: 'home' }, { plan: { homeInode: '42' } }, { abort: true }),
  journal({ plan: { ...plan, id: 20_002 } }, { intent: 'home' }, { changedNothing: 'home' }),
  journal({ plan: { ...plan, home: '/users/../etc' } }, { intent: 'home' }),
  journal({ plan: { ...plan, staging: '/etc/.ceod-alice-0123456789ab' } }, { commit: true }),
];

export function fuzz(data: Buffer): void {
  const [, ...records] =
    refusing(MalformedJournal, () => parseJournal(data.toString('utf8'))) ?? [];
  const { plan: read } = replay<AccountPlan>(records as never);
  if (read === undefined) return;
  for (const name of ['alice', read.username]) {
    if (planProblem(name, read, settings) !== undefined) continue;
    const parent = path.dirname(read.home);
    promise(['/users', '/clubs'].includes(parent), 'a home is below the homes');
    promise(path.dirname(read.staging) === parent, 'it is built beside its place');
    promise(path.basename(read.home) === name, 'it is that of its name');
    promise(path.normalize(read.home) === read.home, 'its path is as it is written');
    promise(path.normalize(read.staging) === read.staging, 'so is the one beside it');
    promise(read.id === undefined || (read.id > 20_000 && read.id < 40_000), 'its uid is ours');
  }
}
