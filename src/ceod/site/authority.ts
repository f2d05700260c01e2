/** Who may do what. Every look-up that fails denies. */
import type { Logger } from '../base/log.js';
import { messageOf } from '../../errors.js';
import { Status } from '../../protocol/status.js';
import { Refusal, statusOfUnchanged } from '../base/refusal.js';

/** The groups that a user is in, by name. */
export type GroupsOf = (username: string) => Promise<ReadonlySet<string>>;

/** The names of the groups that carry rights. */
export interface StaffGroups {
  /** May add accounts and help members. */
  readonly office: string;
  /** May do everything. */
  readonly syscom: string;
}

/** The authenticated user behind a request. */
export interface Caller {
  readonly username: string;
  isOffice(): Promise<boolean>;
  isSyscom(): Promise<boolean>;
}

export class Authority {
  constructor(
    private readonly groupsOf: GroupsOf,
    private readonly staff: StaffGroups,
    private readonly log: Logger,
  ) {}

  /** A caller, whose groups are looked up once, when they are first needed. */
  caller(username: string): Caller {
    let groups: Promise<ReadonlySet<string>> | undefined;
    const isIn = async (group: string) => (await (groups ??= this.lookUp(username))).has(group);
    return {
      username,
      isOffice: () => isIn(this.staff.office),
      isSyscom: () => isIn(this.staff.syscom),
    };
  }

  /** Whether a target is to be treated as a member of syscom: also if it cannot be established. */
  mayBeSyscom(username: string): Promise<boolean> {
    return this.mayBeIn([this.staff.syscom], username);
  }

  /** The same for office or syscom. */
  mayBeStaff(username: string): Promise<boolean> {
    return this.mayBeIn([this.staff.office, this.staff.syscom], username);
  }

  private async mayBeIn(staff: readonly string[], username: string): Promise<boolean> {
    try {
      const groups = await this.groupsOf(username);
      return staff.some((group) => groups.has(group));
    } catch (error) {
      this.log.error({ username, err: error }, 'groups cannot be looked up: treated as staff');
      return true;
    }
  }

  private async lookUp(username: string): Promise<ReadonlySet<string>> {
    try {
      return await this.groupsOf(username);
    } catch (error) {
      this.log.error({ username, err: error }, 'groups cannot be looked up: denied');
      const why = messageOf(error);
      throw new Refusal(
        statusOfUnchanged(error, Status.EPERM),
        `your groups cannot be looked up just now, so this is denied; try again later (${why})`,
        { cause: error },
      );
    }
  }
}
