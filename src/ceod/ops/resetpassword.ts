/** resetpassword (0x11): a new Kerberos password, to be changed at the next login. */
import { isFieldSet } from '@bufbuild/protobuf';
import { ResetPasswordSchema } from '../../generated/ceo/ceo_pb.js';
import { CeoError, messageOf } from '../../errors.js';
import { Status, success, warning, type StatusLine } from '../../protocol/status.js';
import type { Handler } from './handler.js';
import { generatePassword } from '../../password.js';
import { denied, inMessages, notFound, Refusal, statusOf } from '../base/refusal.js';
import type { Site } from '../site/site.js';

export function resetPassword(site: Site): Handler<'resetPassword'> {
  const { kadmin } = site;
  return {
    async execute(request) {
      const { username } = request;
      const account = await site.managedAccount(username);
      if (account.kind === 'club') throw denied(`${username} is a club: clubs have no passwords`);
      const isGiven = isFieldSet(request, ResetPasswordSchema.field.password);
      const password = isGiven ? request.password : generatePassword();
      await kerberos(username, 'set the password', kadmin.setPassword(username, password));
      const generated = isGiven ? {} : { password };
      const wasSet = success(`successfully set the password of ${username}`);
      try {
        await kadmin.requireChange(username);
      } catch (error) {
        const why = messageOf(error);
        const message = `the password was set, but ${username} is not made to change it: ${why}`;
        return {
          messages: [wasSet, { status: statusOf(error, Status.EKERB), message }],
          ...generated,
        };
      }
      const change = success(`${username} must change it at the next login`);
      const more = await stillInTheWay(site, username);
      return { messages: [wasSet, change, ...more], ...generated };
    },

    refused: inMessages,
  };
}

/** A password is meant to let somebody in: what it does not help against is told. */
async function stillInTheWay({ kadmin, log }: Site, username: string): Promise<StatusLine[]> {
  try {
    const obstacles = await kadmin.obstacles(username);
    return obstacles.map((each) => warning(`${username} still cannot log in: ${each}`));
  } catch (err) {
    log.warn({ username, err }, 'it cannot be established whether somebody can log in');
    return [warning(`it cannot be established whether ${username} can log in now`)];
  }
}

async function kerberos(username: string, what: string, done: Promise<void>): Promise<void> {
  try {
    await done;
  } catch (error) {
    if (!(error instanceof CeoError)) throw error;
    if (error.code === 'not_found') throw notFound(`${username} has no principal in Kerberos`);
    if (error.code === 'outcome_unknown') {
      const doubt = `the password of ${username} may or may not have been set: reset it again`;
      throw new Refusal(Status.ETIMEDOUT, `${doubt} (${error.message})`);
    }
    throw new Refusal(
      statusOf(error, Status.EKERB),
      `unable to ${what} of ${username}: ${error.message}`,
    );
  }
}
