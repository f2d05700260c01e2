/**
 * adduser (0x01): a member, club representative or club, all of it or nothing.
 * The steps are in ../accounts/steps.ts; what is here says who may, what is
 * refused before anything is touched, and what the reply tells.
 */
import { messageOf } from '../../errors.js';
import { isFieldSet } from '@bufbuild/protobuf';
import { AddUser_Type as Type, AddUserSchema } from '../../generated/ceo/ceo_pb.js';
import type { Request } from '../../protocol/ops.js';
import { busyMessage, Status, success, warning, type StatusLine } from '../../protocol/status.js';
import {
  planAccount,
  type AccountPlan,
  type AccountSecrets,
  type PlanServices,
} from '../accounts/plan.js';
import { stepsFor } from '../accounts/steps.js';
import type { Handler } from './handler.js';
import { runHook, type Hook } from './hook.js';
import type { Logger } from '../base/log.js';
import { busy as isTakenNow, inMessages, invalid, Refusal } from '../base/refusal.js';
import { FIELDS, NEEDED, PERSON } from '../../person.js';
import { busy, Stuck, type Outcome, type Transactions } from '../accounts/transaction.js';

export interface AddUserServices {
  readonly transactions: Transactions<AccountPlan, AccountSecrets>;
  readonly plan: PlanServices;
  readonly hasQuota: boolean;
  readonly hook: Hook | undefined;
  readonly hearsOfFailures: boolean;
  readonly log: Logger;
}

/** What the notify hook calls each type. */
const HOOK_NAME: Readonly<Record<Type, string>> = {
  [Type.MEMBER]: 'addmember',
  [Type.CLUB]: 'addclub',
  [Type.CLUB_REP]: 'addclubrep',
};

export function addUser(services: AddUserServices): Handler<'addUser'> {
  return {
    ignored: ({ type }) => (type === Type.CLUB ? IGNORED : []),
    validate,

    async execute(request, caller) {
      const { username, password } = request;
      const outcome = await services.transactions
        .run(username, { password }, async () => ({
          plan: await planAccount(request, services.plan),
          steps: stepsFor(request.type, services.hasQuota),
        }))
        .catch((error: unknown): Outcome => {
          const refusal = error instanceof Refusal ? error : notBegun(username, error);
          return { committed: false, lines: [refusal.line] };
        });
      if (outcome === busy) {
        throw isTakenNow(busyMessage(username));
      }
      if (outcome instanceof Stuck) throw isStuck(username, outcome);
      const told = await notify(request, caller.username, outcome, services);
      return { messages: [...outcome.lines, ...told] };
    },

    refused: inMessages,
  };
}

/** What clubs have no use for. */
const IGNORED = FIELDS.filter((field) => PERSON[field].ofClubs === 'ignored');

function validate(request: Request<'addUser'>): void {
  const { field } = AddUserSchema;
  const { type } = request;
  for (const each of NEEDED) {
    if (!isFieldSet(request, field[each])) throw missing(each);
    if (request[each].trim() === '') throw invalid(each, 'at least one character is needed');
  }
  const hasPassword = isFieldSet(request, field.password);
  if (type === Type.CLUB) {
    if (hasPassword) throw invalid('password', 'club accounts cannot have passwords');
    for (const each of FIELDS)
      if (PERSON[each].ofClubs === 'refused' && request[each] !== '')
        throw invalid(each, `club accounts cannot have ${each}s`);
    return;
  }
  if (!hasPassword) throw missing('password');
}

function notBegun(username: string, error: unknown): Refusal {
  const why = messageOf(error);
  return new Refusal(Status.EIO, `unable to begin with ${username}: ${why}`, {
    cause: error,
  });
}

const isStuck = (username: string, { file, problem }: Stuck) =>
  new Refusal(
    Status.EEXIST,
    `${username} may be half-made: ${file} cannot be acted upon (${problem}); ` +
      'root looks at what there is of that name, and removes the file',
  );

const missing = (field: string) => invalid(field, 'missing required argument');

async function notify(
  { type, username, realname, program }: Request<'addUser'>,
  client: string,
  { committed, lines }: Outcome,
  { hook, hearsOfFailures, log }: AddUserServices,
): Promise<StatusLine[]> {
  if (hook === undefined || !(committed || hearsOfFailures)) return [];
  const result = committed ? 'success' : 'failure';
  const args = [HOOK_NAME[type], client, username, realname, program, result];
  const problem = await runHook(hook, args, lines);
  if (!committed) {
    // Behind a failure a reply tells of what was undone, and of nothing else.
    if (problem !== undefined) log.warn({ username, problem }, 'nobody heard of a refused account');
    return [];
  }
  return problem === undefined ? [success('successfully notified')] : [warning(problem)];
}
