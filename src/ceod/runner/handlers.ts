/** Which code executes which op, and what it works with: the table of a runner. */
import { stat } from 'node:fs/promises';
import {
  addMembersCommand,
  homeFolders,
  loadMailman,
  loadMysql,
  mailman3Access,
  mysqlAccess,
} from '../../config/settings.js';
import { shippedReservedNames } from '../../config/reservedNames.js';
import type { Route } from '../../config/routes.js';
import type { IdRange } from '../../directory/idNumbers.js';
import { groupExists } from '../../directory/groups.js';
import { UidCounter } from '../../directory/ids.js';
import { mailman2, mailman3 } from '../../mailman/subscribe.js';
import { ops, type MethodName } from '../../protocol/ops.js';
import { Status } from '../../protocol/status.js';
import { createUserWithDatabase } from '../../mysql/databases.js';
import { idIsInNss, userInNss } from '../../process/nss.js';
import {
  nothingIsOf,
  planProblem,
  type AccountPlan,
  type AccountSecrets,
  type PlanServices,
} from '../accounts/plan.js';
import { atHomes } from '../accounts/homesTurn.js';
import { HighWaterMark } from '../accounts/highWaterMark.js';
import { accountSteps } from '../accounts/steps.js';
import { uidsWithTraces } from '../accounts/traces.js';
import type { Handler } from '../ops/handler.js';
import { serveOp, type Service } from './dispatcher.js';
import { journalIn } from '../base/journalPlace.js';
import { isExternal, programOf } from '../base/opPrograms.js';
import { serveProgram } from './external.js';
import type { Hook } from '../ops/hook.js';
import { Journal } from '../accounts/journal.js';
import { addUser } from '../ops/adduser.js';
import { inspect } from '../ops/inspect.js';
import { getForward } from '../ops/getforward.js';
import { mail } from '../ops/mail.js';
import { mailman } from '../ops/mailman.js';
import { mysql } from '../ops/mysql.js';
import { resetPassword } from '../ops/resetpassword.js';
import { ANSWER_MS, ping, type Looks } from '../ops/ping.js';
import { asking, isRoot, type Site } from '../site/site.js';
import { Transactions, type Observer } from '../accounts/transaction.js';

/** Makes the handler of every method of the proto: a missing one does not compile. */
type Builders = {
  readonly [M in MethodName]: (site: Site, observe?: Observer) => Handler<M> | Promise<Handler<M>>;
};

const builders: Builders = {
  async addUser(site, observe) {
    const { accounts, ceod, primary: directory, kadmin } = site;
    const counters = uidCounters(site);
    const transactions = new Transactions<AccountPlan, AccountSecrets>(
      accountSteps({ accounts, ceod, directory, kadmin, counters }),
      new Journal(journalIn(ceod.stateDir), (file, err) =>
        site.log.error(
          { file, err },
          'a journal that cannot be understood: look at it, then remove it',
        ),
      ),
      site.log,
      observe,
      {
        problemOf: (name, plan) => planProblem(name, plan, accounts),
        isFree: (name) => nothingIsOf(name, planServices(site)),
      },
    );
    await transactions.recover();
    transactions.watch();
    // Ahead, as it may take longer than a step; a sign-up that needs it at once waits for it.
    for (const counter of Object.values(counters))
      counter
        .prepare()
        .catch((err: unknown) => site.log.error({ err }, 'the uid counter is not ready'));
    return addUser({
      transactions,
      plan: planServices(site),
      hasQuota: ceod.quotaCommand !== undefined,
      hook: await notifyHook(site),
      hearsOfFailures: ceod.notifyOf === 'all',
      log: site.log,
    });
  },

  updateMail: (site) => mail(site),

  addMySQLUser(site) {
    const { settings } = loadMysql(site.configDir);
    const options = mysqlAccess(settings, site.stepTimeoutMs);
    return mysql(site, (owner, password, onlyNew) =>
      createUserWithDatabase(options, owner, password, onlyNew),
    );
  },

  subscribe(site) {
    const { settings } = loadMailman(site.configDir);
    const { membersList: name, listDomain: domain } = settings;
    const timeoutMs = site.stepTimeoutMs;
    const subscribe =
      settings.mailmanBackend === 'mailman3'
        ? mailman3(mailman3Access(settings, timeoutMs))
        : mailman2({ command: addMembersCommand(settings), timeoutMs });
    return mailman(site, domain, name === 'none' ? undefined : { name, domain }, subscribe);
  },

  getForward: (site) => getForward(site),

  resetPassword: (site) => resetPassword(site),

  inspect: (site) => inspect(site, planServices(site)),

  ping: (site) => ping(site, lookAtParts(site)),
};

/** What this runner works with; another than root's has no part in Kerberos and homes. */
function lookAtParts({ accounts, ceod, directory, primary, kadmin, isAdmin }: Site): Looks {
  const group = ceod.syscomGroup;
  if (!isAdmin) return { directory: () => groupExists(directory, group) };
  return {
    directory: () => groupExists(primary, group),
    // That there is no such principal is an answer as well.
    kerberos: () => kadmin.get('ceod'),
    homes: () =>
      atHomes(ANSWER_MS, () => Promise.all(homeFolders(accounts).map((folder) => stat(folder)))),
  };
}

function planServices(site: Site): PlanServices {
  return {
    settings: site.accounts,
    timeoutMs: site.stepTimeoutMs,
    reservedNames: new Set([...shippedReservedNames, ...site.ceod.reservedNames]),
    nameInDirectory: (name) => site.findName(name),
    principalExists: async (name) =>
      (await asking(Status.EKERB, 'Kerberos', site.kadmin.get(name))) !== undefined,
    tracesOf: (name) => site.tracesOf(name),
  };
}

/**
 * What a runner executes, by op id.
 * @param routes the ops of its user on this host
 * @param observe called around each step of a transaction
 */
export async function handlerTable(
  site: Site,
  routes: readonly Route[],
  observe?: Observer,
): Promise<ReadonlyMap<number, Service>> {
  const entries = routes.map(async (route): Promise<[number, Service]> => {
    const method = methodOf(route);
    if (method === undefined || isExternal(route, site.ceod)) {
      const timeoutMs = site.ceod.externalOpTimeout * 1000;
      const { configDir, log } = site;
      const program = programOf(route.name);
      const oneAtATime = site.ceod.oneAtATime.includes(route.name);
      const options = { configDir, timeoutMs, log, oneAtATime };
      return [route.id, serveProgram(route.name, program, options)];
    }
    return [route.id, await builtIn(method, site, observe)];
  });
  return new Map(await Promise.all(entries));
}

/** ceod's own code for an op. */
// M ties an op to its builder, which a union of methods would not.
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters
export async function builtIn<M extends MethodName>(
  method: M,
  site: Site,
  observe?: Observer,
): Promise<Service> {
  const { log, ceod } = site;
  const timeoutMs = ceod.opTimeout * 1000;
  return serveOp<M>(ops[method], await builders[method](site, observe), {
    asked: site,
    log,
    timeoutMs,
  });
}

const methodOf = (route: Route): MethodName | undefined =>
  (Object.keys(ops) as MethodName[]).find((method) => ops[method].name === route.name);

function uidCounters({ accounts, ceod, primary, ids, log, stepTimeoutMs }: Site) {
  const withTraces = async (): Promise<ReadonlySet<number>> => {
    try {
      return await uidsWithTraces(homeFolders(accounts), stepTimeoutMs);
    } catch (err) {
      // The counter gives no number twice: what is looked for here was made by hand.
      log.warn({ err }, 'it cannot be established to which uids something belongs');
      return new Set();
    }
  };
  const counter = (range: IdRange) =>
    new UidCounter(primary, range, {
      counterBase: ceod.uidCounterBase ?? primary.bases.users,
      takenElsewhere: idIsInNss,
      mark: new HighWaterMark(ceod.stateDir, range),
      tellForgotten: ({ min, max }, next, highest) =>
        log.error(
          { min, max, next, highest },
          'the uid counter stands below a uid that was given out, as after a restore of the directory: it is moved on',
        ),
      withTraces,
      tellStrays: ({ min, max }, strays, next) =>
        log.warn(
          { min, max, next, strays: strays.slice(0, 10) },
          'uids far above all others of the range count as given by hand: new ones do not go on behind them',
        ),
    });
  return { member: counter(ids.member), club: counter(ids.club) };
}

async function notifyHook({ accounts, ceod }: Site): Promise<Hook | undefined> {
  const { notifyHook: program } = accounts;
  if (program === undefined) return undefined;
  const user = isRoot() ? await userInNss(ceod.hookUser) : undefined;
  if (isRoot() && user === undefined) throw new Error(`hook_user ${ceod.hookUser} does not exist`);
  return {
    program,
    as: user && { ...user, groups: [] },
    timeoutMs: ceod.hookTimeout * 1000,
  };
}
