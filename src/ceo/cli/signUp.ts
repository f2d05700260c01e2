/** `ceo members add`, `ceo clubs add`, and the programs addmember and addclub. */
import type { SignUpResult } from '../actions/signUp.js';
import { MAX_TERMS } from '../../directory/terms.js';
import type { CommandContext } from './context.js';
import {
  about,
  detailsOf,
  FIELDS,
  NEEDED,
  PERSON,
  SUGGESTED,
  type FieldName,
  type Given,
  type Known,
  type PersonFlag,
} from '../../person.js';
import { given, givenOrNone, readPassword } from './ask.js';
import { command } from './command.js';
import { jsonFlag } from './flags.js';
import { printSteps, report, type Report } from './result.js';

const load = () => import('../actions/signUp.js');

type PersonFlags = {
  readonly [F in PersonFlag]: {
    readonly type: 'string';
    readonly alias: string;
    readonly usage: string;
  };
};

const personFlags = Object.fromEntries(
  FIELDS.map((field) => {
    const { flag, alias, usage } = PERSON[field];
    return [flag, { type: 'string', alias, usage }];
  }),
) as PersonFlags;

export const membersAdd = command({
  name: 'add',
  usage: 'sign up a new member or club representative',
  arguments: { username: { usage: 'the new username', optional: true } },
  flags: {
    ...personFlags,
    terms: {
      type: 'integer',
      alias: 't',
      usage: 'how many terms are paid for, from the current one on',
      default: 1,
      min: 1,
      max: MAX_TERMS,
    },
    'club-rep': { type: 'boolean', usage: 'a club representative, who pays no fee' },
    'password-stdin': {
      type: 'boolean',
      usage: 'read the password from the first line of standard input instead of asking',
    },
    ...jsonFlag,
  },
  examples: [
    { command: 'ceo members add', usage: 'asks for everything' },
    { command: 'ceo members add alice -n "Alice Liddell" -t 2', usage: 'asks for the password' },
  ],
  changes: true,
  load,
  async action(values, context, { signUpPerson }) {
    const { terminal } = context;
    const username = await given(terminal, values.username, 'Username', 'the username');
    const answers = await details(context, values, username);
    const password = await readPassword(terminal, values['password-stdin']);
    const kind = values['club-rep'] ? 'club-rep' : 'member';
    const person = { ...answers, kind, username, password, terms: values.terms } as const;
    return signUpReport(context, await signUpPerson(context, person));
  },
});

/** What was typed, and what was left out. */
type Typed = Readonly<Record<PersonFlag | 'username', string | undefined>>;

/** What was left out of a person: asked for, and suggested if the university knows it. */
async function details(context: CommandContext, values: Typed, username: string): Promise<Given> {
  const { terminal } = context;
  const isLeftOut = (field: FieldName) => values[PERSON[field].flag] === undefined;
  const asking = terminal.interactive && (values.username === undefined || NEEDED.some(isLeftOut));
  const isAsked = (field: FieldName) => isLeftOut(field) && (asking || about(field).needed);
  const known = SUGGESTED.some(isAsked) ? await universityOf(context, username) : {};
  // In a script, where nobody is asked, what the university says counts.
  const sure = terminal.interactive ? {} : known;
  const answers: Partial<Record<FieldName, string | undefined>> = {};
  for (const field of FIELDS) {
    const { flag, question, needed } = PERSON[field];
    const value = values[flag] ?? sure[field];
    answers[field] = needed
      ? await given(terminal, value, question, `--${flag}`, known[field])
      : await givenOrNone(terminal, asking, value, question, known[field]);
  }
  return detailsOf(FIELDS, (field) => answers[field]);
}

async function universityOf(context: CommandContext, username: string): Promise<Partial<Known>> {
  const { whatUniversityKnows } = await import('../actions/university.js');
  return (await whatUniversityKnows(context, username)) ?? {};
}

export const clubsAdd = command({
  name: 'add',
  usage: 'create an account for a club',
  arguments: { username: { usage: 'the new username', optional: true } },
  flags: { name: { type: 'string', alias: 'n', usage: 'name of the club' }, ...jsonFlag },
  examples: [
    { command: 'ceo clubs add chess -n "Chess Club"', usage: 'creates the account chess' },
  ],
  changes: true,
  load,
  async action(values, context, { signUpClub }) {
    const { terminal } = context;
    const username = await given(terminal, values.username, 'Username', 'the username');
    const name = await given(terminal, values.name, 'Name of the club', '--name');
    return signUpReport(context, await signUpClub(context, { username, name }));
  },
});

export const addmember = command({
  name: 'addmember',
  usage: 'make the account of a new member; ceo members renew registers them',
  arguments: {
    userid: { usage: 'the new username' },
    realname: { usage: 'real name' },
    program: { usage: 'program of study', optional: true },
  },
  flags: {
    stdin: { type: 'boolean', usage: 'read the password from standard input instead of asking' },
    ...jsonFlag,
  },
  changes: true,
  load,
  async action({ userid: username, realname, program, stdin }, context, { signUpPerson }) {
    const password = await readPassword(context.terminal, stdin);
    const person = { kind: 'member', username, realname, program, password } as const;
    const result = await signUpPerson(context, { ...person, terms: 0 });
    return signUpReport(context, result);
  },
});

export const addclub = command({
  name: 'addclub',
  usage: 'create an account for a club',
  arguments: {
    userid: { usage: 'the new username' },
    clubname: { usage: 'name of the club' },
    program: { usage: 'not used: clubs have none', optional: true },
  },
  flags: jsonFlag,
  changes: true,
  load,
  async action({ userid: username, clubname: name, program }, context, { signUpClub }) {
    if (program !== undefined)
      context.terminal.note(`"${program}" is not used: a club has no program.`);
    return signUpReport(context, await signUpClub(context, { username, name }));
  },
});

function signUpReport({ terminal }: CommandContext, result: SignUpResult): Report {
  const { username, steps, terms, list, problem, finish } = result;
  return report(
    { username, steps, terms, list },
    () => {
      printSteps(terminal, steps, problem);
      if (terms.length > 0) terminal.print(`  ✓ registered for ${terms.join(', ')}`);
      if (list !== undefined) terminal.print(`  ✓ mailing list: ${list}`);
      if (problem === undefined) terminal.print(`${username} is ready.`);
    },
    { problem, finish },
  );
}
