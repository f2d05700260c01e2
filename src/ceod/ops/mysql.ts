/** mysql (0x03): a database with its user, or a new password for that user. */
import { printable } from '../../printable.js';
import { Status, success } from '../../protocol/status.js';
import type { Caller } from '../site/authority.js';
import type { Handler } from './handler.js';
import { LeftHalfWay, type Owner } from '../../mysql/databases.js';
import { generatePassword } from '../../password.js';
import { denied, inMessages, statusOf } from '../base/refusal.js';
import type { Site } from '../site/site.js';

/**
 * Makes user and database of that name, or sets the user's password.
 * @param onlyNew whether a user that is there keeps the password
 * @throws CeoError exists, if it does
 */
export type CreateDatabase = (
  owner: Owner,
  password: string,
  onlyNew: boolean,
) => Promise<'created' | 'password'>;

export function mysql(site: Site, createDatabase: CreateDatabase): Handler<'addMySQLUser'> {
  return {
    // As the deployed programs answer, also to the systems committee.
    async authorise({ username }, caller) {
      if ((await site.findAccount(username)) !== undefined) return;
      throw denied(
        `${caller.username} not authorized to create a database for ${printable(username)}, who is no user`,
      );
    },

    async execute({ username, onlyNew }, caller) {
      const { uidNumber: uid } = await site.managedAccount(username);
      const password = generatePassword();
      let done;
      try {
        done = await createDatabase({ name: username, uid }, password, onlyNew);
      } catch (error) {
        if (!(error instanceof LeftHalfWay)) throw error;
        const { message, remarks } = error;
        site.log.warn({ username, err: error, remarks }, 'mysql stopped half-way');
        const failure = { status: statusOf(error, Status.EPERM), message };
        return { messages: [failure, ...remarks.map(success)] };
      }
      return {
        messages: [
          success(`mysql create db for ${username} by ${caller.username}`),
          success(await whyAllowed(username, caller)),
          success(
            done === 'created'
              ? `successfully created database and user ${username}`
              : `successfully set a new password of the database user ${username}`,
          ),
        ],
        password,
      };
    },

    otherwise: Status.EPERM,
    refused: inMessages,
  };
}

async function whyAllowed(username: string, caller: Caller): Promise<string> {
  if (await caller.isSyscom()) return `${caller.username} is on the systems committee`;
  return username === caller.username
    ? `${username} asks for their own database`
    : `${caller.username} is a member of the club ${username}`;
}
