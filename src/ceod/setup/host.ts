/** What the host itself needs: users, routing files, folders. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { routeLine } from '../../config/routes.js';
import { homeFolders } from '../../config/settings.js';
import { userInNss } from '../../process/nss.js';
import { shellWord } from '../../shellWord.js';
import { hostOf, opUsersOf, type Site } from './site.js';
import type { Step } from './step.js';

export function hostSteps(site: Site): Step[] {
  const { accounts, ceod } = site;
  const makesAccounts = site.ops.some(({ user }) => user === 'root');
  const homes = homeFolders(accounts);
  const skeletons = [...new Set([accounts.memberHomeSkel, accounts.clubHomeSkel])];
  return [
    sessionUser(site),
    ...opUsersOf(site).map((user) => opUser(site, user)),
    ...site.ops.map((op) => routed(site, op)),
    ...(makesAccounts
      ? [
          ...homes.map((each) => folder(site, each, 'homes', '0755')),
          ...skeletons.map((each) => skeleton(site, each)),
        ]
      : []),
    folder(site, ceod.stateDir, 'the journal', '0700'),
  ];
}

const there = ({ host, isHere }: Site) => (isHere ? undefined : `it is done on ${host}`);

function sessionUser(site: Site): Step {
  const user = site.ceod.sessionUser;
  return {
    what: `the user ${user}, whose group the session processes have`,
    isDone: async () => (site.isHere ? (await userInNss(user)) !== undefined : undefined),
    commands: () => `adduser --system --group --no-create-home ${shellWord(user)}`,
    undo: () => `deluser --system ${shellWord(user)}`,
    byHand: () => there(site),
  };
}

function opUser(site: Site, user: string): Step {
  return {
    what: `the user ${user}, as whom ops are executed`,
    isDone: async () => (site.isHere ? (await userInNss(user)) !== undefined : undefined),
    commands: () => `getent passwd ${shellWord(user)}`,
    undo: () => ':',
    byHand: () => there(site) ?? 'it comes with the package of the service',
  };
}

/** All four columns: programs of the legacy system may read the file as well. */
function routed({ dir, host }: Site, op: Site['ops'][number]): Step {
  const { name } = op;
  const file = path.join(dir, 'ops', name);
  const line = routeLine(host, op, op.user);
  return {
    what: `${name} is routed to ${host}`,
    isDone: async () => (await hostOf(dir, name)) === host,
    commands: () =>
      [
        `install -d -m 0755 ${shellWord(path.dirname(file))}`,
        `printf '%s\\n' ${shellWord(line)} >>${shellWord(file)}`,
        `chmod 0644 ${shellWord(file)}`,
      ].join('\n'),
    undo: () => `sed -i ${shellWord(`/^${line}$/d`)} ${shellWord(file)}`,
    byHand: async () => {
      const other = await hostOf(dir, name);
      return other === undefined || other === host
        ? undefined
        : `${other} serves it: remove that line first, on every host`;
    },
  };
}

function folder(site: Site, place: string, whose: string, mode: string): Step {
  return {
    what: `the folder of ${whose}, ${place}`,
    isDone: () => Promise.resolve(site.isHere ? existsSync(place) : undefined),
    commands: () => `install -d -m ${mode} -o root -g root ${shellWord(place)}`,
    undo: () => `rmdir ${shellWord(place)}`,
    byHand: () => there(site),
  };
}

function skeleton(site: Site, place: string): Step {
  return {
    ...folder(site, place, 'what new homes begin with', '0755'),
    commands: () =>
      `install -d -m 0755 -o root -g root ${shellWord(place)}\n` +
      `cp -R /etc/skel/. ${shellWord(place)}`,
    undo: () => `rm -r ${shellWord(place)}`,
  };
}
