/** `ceo clubs`. */
import { CeoError } from '../../errors.js';
import { command } from './command.js';
import { jsonFlag } from './flags.js';
import { report } from './result.js';
import { clubsAdd } from './signUp.js';
import { printFields, printTable } from './table.js';

// Loaded by the command that needs them: --help must not wait for LDAP.
const groupsActions = () => import('../actions/groups.js');
const peopleActions = () => import('../actions/people.js');

const clubsList = command({
  name: 'list',
  usage: 'every club',
  flags: jsonFlag,
  load: peopleActions,
  async action(_values, context, { searchPeople }) {
    const clubs = await searchPeople(context, { kind: 'club' });
    return report({ clubs }, () => {
      const rows = clubs.map(({ username, realname }) => [username, realname]);
      printTable(context.terminal, ['Username', 'Name'], rows);
    });
  },
});

const clubsGet = command({
  name: 'get',
  usage: 'show a club and who is in it',
  arguments: { username: { usage: 'which club', complete: 'username' } },
  flags: jsonFlag,
  load: groupsActions,
  async action({ username }, context, { membersOf }) {
    const club = await context.account(username);
    if (club.kind !== 'club') {
      throw new CeoError('not_found', `${username} is a person, not a club.`, {
        next: `See: ceo members get ${username}`,
      });
    }
    const { people } = await membersOf(context, username);
    const members = people.map((member) => member.username);
    return report({ ...club, members }, () => {
      printFields(context.terminal, [
        ['Username', club.username],
        ['Name', club.realname],
        ['uid', String(club.uidNumber ?? 'not a number')],
        ['Home', club.home],
        ['Members', members.length === 0 ? 'none' : members.join(', ')],
      ]);
    });
  },
});

export const clubs = command({
  name: 'clubs',
  usage: 'accounts of clubs',
  subcommands: [clubsAdd, clubsGet, clubsList],
});
