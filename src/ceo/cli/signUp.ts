/** `ceo members add`, `ceo clubs add`, and the programs addmember and addclub. */
import type { SignUpResult } from '../actions/signUp.js';
import { MAX_TERMS } from '../../directory/terms.js';
import type { CommandContext } from './context.js';
import type { Person } from '../../directory/university.js';
import { given, givenOrNone, readPassword } from './ask.js';
import { command } from './command.js';
import { jsonFlag } from './flags.js';
import { printSteps, report, type Report } from './result.js';

const load = () => import('../actions/signUp.js');

export const membersAdd = command({
  name: 'add',
  usage: 'sign up a new member or club representative',
  arguments: { username: { usage: 'the new username', optional: true } },
  flags: {
    name: { type: 'string', alias: 'n', usage: 'real name' },
    program: { type: 'string', alias: 'p', usage: 'program of study' },
    email: { type: 'string', alias: 'e', usage: 'where mail is forwarded to' },
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
  async action(values, context) {
    const { terminal } = context;
    const username = await given(terminal, values.username, 'Username', 'the username');
    const known = await suggestions(context, values, username);
    const { realname, program } = await nameAndProgram(context, values, known);
    const email = await givenOrNone(terminal, values, values.email, 'Forward mail to');
    const password = await readPassword(terminal, values['password-stdin']);
    const kind = values['club-rep'] ? 'club-rep' : 'member';
    const person = {
      kind,
      username,
      realname,
      program,
      email,
      password,
      terms: values.terms,
    } as const;
    const { signUpPerson } = await load();
    return signUpReport(context, await signUpPerson(context, person));
  },
});

interface Named {
  readonly username: string | undefined;
  readonly name: string | undefined;
  readonly program: string | undefined;
}

/** What the university says of the name and program that were left out: for who would be asked. */
async function suggestions(
  context: CommandContext,
  { username, name, program }: Named,
  wanted: string,
): Promise<Partial<Person>> {
  const asking = name === undefined || (username === undefined && program === undefined);
  const missing = context.terminal.interactive ? asking : name === undefined;
  if (!missing) return {};
  const { whatUniversityKnows } = await import('../actions/university.js');
  return (await whatUniversityKnows(context, wanted)) ?? {};
}

/** Suggested on a terminal; in a script, where nobody is asked, what the university says counts. */
async function nameAndProgram(
  { terminal }: CommandContext,
  values: Named,
  known: Partial<Person>,
): Promise<{ realname: string; program: string | undefined }> {
  const sure: Partial<Person> = terminal.interactive ? {} : known;
  const name = values.name ?? sure.realname;
  return {
    realname: await given(terminal, name, 'Real name', '--name', known.realname),
    program: await givenOrNone(
      terminal,
      values,
      values.program ?? sure.program,
      'Program of study',
      known.program,
    ),
  };
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
  async action(values, context) {
    const { terminal } = context;
    const username = await given(terminal, values.username, 'Username', 'the username');
    const name = await given(terminal, values.name, 'Name of the club', '--name');
    const { signUpClub } = await load();
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
  async action({ userid: username, realname, program, stdin }, context) {
    const password = await readPassword(context.terminal, stdin);
    const person = { kind: 'member', username, realname, program, password } as const;
    const { signUpPerson } = await load();
    const result = await signUpPerson(context, { ...person, email: undefined, terms: 0 });
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
  async action({ userid: username, clubname: name, program }, context) {
    if (program !== undefined)
      context.terminal.note(`"${program}" is not used: a club has no program.`);
    const { signUpClub } = await load();
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
