/** Search Members. */
import { useCallback, type ReactElement } from 'react';
import type { Account } from '../../../directory/accounts.js';
import { parseTerm, TERM_SYNTAX } from '../../../directory/terms.js';
import { PERSON } from '../../../person.js';
import { phoneProblem } from '../../../rules.js';
import { searchPeople, type PeopleSearch } from '../../actions/people.js';
import { describeAccount } from '../../describe.js';
import { ListPage } from '../components/ListPage.js';
import { Page } from '../components/Page.js';
import { Rows } from '../components/Rows.js';
import { useStage } from '../stage.js';
import { FormScreen } from '../wizard/FormScreen.js';
import { currentTerm, groupNames, sentence } from './fields.js';

const EMPTY = { term: '', name: '', phone: '', group: '' };

export function SearchMembers(): ReactElement {
  return (
    <FormScreen
      title="Search Members"
      initial={EMPTY}
      step={{
        heading: 'Who is looked for? What is left empty does not count.',
        fields: [
          {
            name: 'term',
            label: 'Term',
            optional: true,
            hint: `Registered for it, in either way. The current one is ${currentTerm()}.`,
            check: (term) =>
              parseTerm(term.trim().toLowerCase()) === undefined ? TERM_SYNTAX : undefined,
          },
          {
            name: 'name',
            label: 'Name',
            optional: true,
            hint: 'A part of the name, or what sounds like it.',
          },
          {
            name: 'phone',
            label: PERSON.phone.label,
            optional: true,
            hint: 'All of the number; blanks and hyphens do not count.',
            check: (phone) => sentence(phoneProblem(phone.trim())),
          },
          { name: 'group', label: 'Group', optional: true, complete: groupNames },
        ],
      }}
      answer={(values) => <People search={searchOf(values)} />}
    />
  );
}

function searchOf({ term, name, phone, group }: typeof EMPTY): PeopleSearch {
  const given = (text: string) => text.trim() || undefined;
  return {
    term: given(term)?.toLowerCase(),
    name: given(name),
    phone: given(phone),
    group: given(group),
  };
}

function People({ search }: { readonly search: PeopleSearch }): ReactElement {
  const { context, open } = useStage();
  const load = useCallback(async () => {
    const people = await searchPeople(context, search);
    return people.map((account) => ({ value: account, cells: cellsOf(account) }));
  }, [context, search]);
  return (
    <ListPage
      heading="Search Members"
      columns={['Username', 'Name', 'Program', 'Terms']}
      load={load}
      empty="Nobody is like that."
      enter={['show', (account) => open(<ShowAccount account={account} />)]}
    />
  );
}

const cellsOf = ({ username, realname, program = '', terms, nonMemberTerms }: Account) => [
  username,
  realname,
  program,
  [...terms, ...nonMemberTerms].slice(-3).join(' '),
];

export function ShowAccount({ account }: { readonly account: Account }): ReactElement {
  const { back } = useStage();
  return (
    <Page
      heading={account.realname}
      keys={[['Esc', 'back']]}
      onKey={({ name }) => {
        if (name !== 'escape' && name !== 'return') return 'unused';
        back();
        return 'used';
      }}
    >
      <Rows rows={describeAccount(account)} />
    </Page>
  );
}
