/** The host that is looked at, as its files describe it. */
import type { Route } from '../../config/routes.js';
import { runnerCredential, type DaemonConfig } from '../base/config.js';
import { isExternal } from '../base/opPrograms.js';

export interface Host extends DaemonConfig {
  /** For each question: a little less than a part has, so that it can tell whose silence it was. */
  readonly timeoutMs: number;
  readonly isRoot: boolean;
}

/** The ops that ceod's own code executes here. */
const builtIn = ({ ownRoutes, ceod }: Host): readonly Route[] =>
  ownRoutes.filter((route) => !isExternal(route, ceod));

/** Whether ceod's own code executes this op here. */
export const serves = (host: Host, name: string): boolean =>
  builtIn(host).some((route) => route.name === name);

/** Whom ceod's own code works as here; each has a keytab. */
export const opUsers = (host: Host): readonly string[] => [
  ...new Set(builtIn(host).map(({ user }) => user)),
];

/** Whether accounts are made here, by the admin principals. */
export const makesAccounts = (host: Host): boolean => opUsers(host).includes('root');

/** Whether ceod asks the directory here at all: a host of a site's own programs does not. */
export const asksDirectory = (host: Host): boolean => opUsers(host).length > 0;

/** By which this process is to authenticate, as ceod itself does here. */
export function credentialOf(host: Host): Readonly<Record<string, string>> {
  const isAdmin = makesAccounts(host);
  const [user = 'root'] = isAdmin ? ['root'] : opUsers(host);
  return runnerCredential(host.ceod, user, isAdmin);
}
