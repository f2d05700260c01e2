/**
 * Who takes changes. Asked by one that cannot be made: to delete a value that is not there, which a
 * server refuses for that reason alone if it would have taken another.
 */
import { CeoError, messageOf } from '../../errors.js';
import { DirectoryRefused, ResultCode } from '../../directory/connection.js';
import { serverUrls, withDirectory } from './directoryAt.js';
import { fault, type Finding } from './finding.js';
import type { Host } from './host.js';
import { edit, editSlapd } from './mend.js';

/** Nobody describes anything so. */
const ABSENT = 'ceod --check: no entry has this value';

/** The primary alone must: of the others, what they refuse is made there. */
export async function writes(host: Host): Promise<Finding[]> {
  const [primary = ''] = serverUrls(host);
  return withDirectory(host, primary, async (directory) => {
    const { users, groups, sudo } = directory.bases;
    const found = await Promise.all(
      Object.entries({ users, groups, sudo }).map(async ([name, base]) => {
        const code = await refusalOf(() =>
          directory.modify(base, [
            { operation: 'delete', attribute: 'description', values: [ABSENT] },
          ]),
        );
        return finding(name, base, primary, code);
      }),
    );
    const all = found.flat();
    // That it takes none is told once.
    return all.filter(({ id }, index) => all.findIndex((each) => each.id === id) === index);
  });
}

async function refusalOf(change: () => Promise<void>): Promise<number | undefined> {
  try {
    await change();
    return undefined;
  } catch (error) {
    if (error instanceof DirectoryRefused) return error.resultCode;
    throw error instanceof CeoError && error.code === 'outcome_unknown'
      ? new Error(messageOf(error), { cause: error })
      : error;
  }
}

function finding(name: string, base: string, url: string, code: number | undefined): Finding[] {
  if (code === ResultCode.referral || code === ResultCode.unwillingToPerform) {
    const what = `${url} is to take the changes, and does not: it is a replica, or read-only`;
    return [fault('ldap.writes.primary', what, edit('accounts.cf'))];
  }
  if (code !== ResultCode.insufficientAccessRights) return [];
  const what = `${url} does not let ceod change what is in ${base}`;
  return [fault(`ldap.writes.${name}`, what, editSlapd())];
}
