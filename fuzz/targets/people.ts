/** Files of members to import: refused with the line and no password in it, or rows that keep the rules. */
import { BadImportFile, parseImport } from '../../src/ceo/actions/importFile.js';
import {
  forwardProblem,
  newUsernameProblem,
  passwordProblem,
  phoneProblem,
  textProblem,
} from '../../src/rules.js';
import { promise, refusing } from '../target.js';

const RULES = {
  usernameRegex: /^[a-z][-a-z0-9]*$/,
  minPasswordLength: 4,
  minUsernameLength: 1,
  minNameLength: 1,
  mailDomains: ['example.org'],
  needsDot: true,
  generatePasswords: true,
};

export const seeds = [
  'username,name\nalice,Alice Liddell\n',
  '\ufeffusername,name,program,email,phone,password,terms,club_rep\r\nbob,"Bob ""B"" Bee",MATH,b@example.org,519-555-0112,secret-pass,2,no\r\n',
  'username;name\nalice;Alice\n',
  'username,name\nalice,"Alice\nLiddell"\n,,\n',
].map((text) => Buffer.from(text));

export function fuzz(data: Buffer): void {
  const rows = refusing(BadImportFile, () => parseImport(data, RULES).rows);
  for (const { username, realname, email, phone, password, line } of rows ?? []) {
    promise(newUsernameProblem(username, RULES.usernameRegex) === undefined, 'usernames');
    promise(textProblem(realname) === undefined && realname !== '', 'names');
    promise(forwardProblem(email ?? '') === undefined, 'addresses');
    promise(phone === undefined || phoneProblem(phone) === undefined, 'phone numbers');
    promise(
      password === undefined || passwordProblem(password, RULES.minPasswordLength) === undefined,
      'passwords',
    );
    promise(line >= 1 && line <= data.length + 1, 'lines');
  }
}
