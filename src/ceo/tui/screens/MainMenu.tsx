/** The menu that ceo opens with. */
import { useState, type ReactElement } from 'react';
import { ops } from '../../../protocol/ops.js';
import { mayUse } from '../../../protocol/rights.js';
import { whatYouMay } from '../../actions/authority.js';
import { Menu, usePageItem, type MenuGroup, type MenuItem } from '../components/Menu.js';
import { useStage } from '../stage.js';
import { useWork, type Work } from '../useWork.js';
import type { Values, Wizard } from '../wizard/wizard.js';
import { WizardScreen } from '../wizard/WizardScreen.js';
import { shellChange } from './changeShell.js';
import { Groups } from './Groups.js';
import { Library } from './Library.js';
import { mailForwarding } from './mailForwarding.js';
import { mysqlDatabase } from './mysqlDatabase.js';
import { newClub } from './newClub.js';
import { newPerson } from './newPerson.js';
import { Positions } from './Positions.js';
import { renewal } from './renew.js';
import { passwordReset } from './resetPassword.js';
import { SearchMembers } from './SearchMembers.js';
import { displayMember } from './showAccount.js';

export function MainMenu(): ReactElement {
  const { context, username, leave } = useStage();
  const [authority] = useWork(() => whatYouMay(context));
  const may = authority.state === 'done' ? authority.value : { office: true, syscom: true };
  /** The order when the first key was pressed: nothing moves below somebody's fingers. */
  const [settled, setSettled] = useState<boolean>();
  // What you may do comes first.
  const officeFirst = settled ?? may.office;

  const page = usePageItem();
  const wizard = <V extends Values>(about: string, which: Wizard<V>): MenuItem =>
    page(which.title, about, <WizardScreen wizard={which} />);

  const office: MenuGroup = {
    name: 'Office Staff',
    locked: mayUse(ops.addUser, may) ? undefined : 'Only the office staff may do this.',
    items: [
      wizard('Sign up somebody who pays for their terms.', newPerson('member')),
      wizard('Sign up somebody who speaks for a club, and pays nothing.', newPerson('club-rep')),
      wizard('Register a member for further terms.', renewal('member')),
      wizard('Register a club rep for further terms.', renewal('club-rep')),
      wizard('Create an account for a club.', newClub),
      wizard('Set a new password for somebody who has forgotten theirs.', passwordReset),
      page('Library', 'Books: check out, return, search, add.', <Library />),
    ],
  };
  const unrestricted: MenuGroup = {
    name: 'Unrestricted',
    items: [
      wizard('Show what the directory has of somebody.', displayMember),
      page('Search Members', 'Find people by term, name or group.', <SearchMembers />),
      wizard('Choose another login shell.', shellChange(username)),
      wizard('Say where your mail goes.', mailForwarding(username)),
      wizard('Create a database for yourself or a club.', mysqlDatabase(username)),
    ],
  };
  const committee: MenuGroup = {
    name: 'Systems Committee',
    locked: may.syscom ? undefined : 'Only the systems committee may do this.',
    items: [
      page('Manage Club or Group Members', 'Add, remove and list members.', <Groups />),
      page('Manage Positions', 'Say who holds which office.', <Positions />),
    ],
  };
  const exit: MenuGroup = {
    name: '',
    items: [{ name: 'Exit', about: 'Give the terminal back.', choose: leave }],
  };
  const columns = officeFirst
    ? [
        [office, exit],
        [unrestricted, committee],
      ]
    : [
        [unrestricted, exit],
        [office, committee],
      ];
  return (
    <Menu
      heading="What would you like to do?"
      columns={columns}
      keys={[
        ['Enter', 'choose'],
        ['↑↓←→', 'move'],
        ['?', 'help'],
        ['Ctrl-C', 'leave'],
      ]}
      onEscape={() => undefined}
      onPress={() => setSettled((order) => order ?? may.office)}
      note={noteOn(authority)}
    />
  );
}

function noteOn(authority: Work<unknown>): string | undefined {
  switch (authority.state) {
    case 'running':
      return 'Looking up what you may do…';
    case 'failed':
      return `What you may do is not known: ${authority.error.message}`;
    case 'done':
      return undefined;
  }
}
