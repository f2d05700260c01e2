/** Who may use an op: the rights that the proto declares, held against the caller and the request. */
import { Right } from '../../generated/ceo/op_pb.js';
import type { Op } from '../../protocol/ops.js';
import { denied } from '../base/refusal.js';
import type { Caller } from './authority.js';
import type { Site } from './site.js';

/** What is asked of a site about somebody whom a request names. */
export type Asked = Pick<Site, 'findAccount' | 'isInClub'> & {
  readonly authority: Pick<Site['authority'], 'mayBeStaff' | 'mayBeSyscom'>;
};

/**
 * @param username whom the request names
 * @throws Refusal unless the caller has a right to use the op
 */
export async function requireRight(
  { rights, doing }: Pick<Op, 'rights' | 'doing'>,
  username: string,
  caller: Caller,
  site: Asked,
): Promise<void> {
  for (const right of rights) if (await holds[right](username, caller, site)) return;
  const isForMembersOnly = rights.some((right) => FOR_MEMBERS.includes(right));
  if (isForMembersOnly && (await caller.isOffice()))
    throw denied(`only the systems committee may ${doing} for staff`);
  throw denied(`${caller.username} not authorized to ${doing}`);
}

const FOR_MEMBERS: readonly Right[] = [
  Right.OFFICE_EXCEPT_FOR_SYSCOM,
  Right.OFFICE_EXCEPT_FOR_STAFF,
];

type Holds = (username: string, caller: Caller, site: Asked) => Promise<boolean>;

const holds: Readonly<Record<Right, Holds>> = {
  [Right.ONESELF]: (username, caller) => Promise.resolve(username === caller.username),
  [Right.OFFICE]: (_username, caller) => caller.isOffice(),
  [Right.OFFICE_EXCEPT_FOR_SYSCOM]: async (username, caller, { authority }) =>
    (await caller.isOffice()) && !(await authority.mayBeSyscom(username)),
  [Right.OFFICE_EXCEPT_FOR_STAFF]: async (username, caller, { authority }) =>
    (await caller.isOffice()) && !(await authority.mayBeStaff(username)),
  [Right.SYSCOM]: (_username, caller) => caller.isSyscom(),
  [Right.ANYBODY]: () => Promise.resolve(true),
  [Right.CLUB_MEMBER]: async (username, caller, site) => {
    const account = await site.findAccount(username);
    return account !== undefined && (await site.isInClub(caller, account));
  },
};
