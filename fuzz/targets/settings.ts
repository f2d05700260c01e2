/** Settings: a mistake names the file and its line, whatever stands in it, and never shows a secret. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { load } from '../../src/config/kinds.js';
import { accountsTable, ceodTable, mysqlTable } from '../../src/config/keys.js';
import { CeoError } from '../../src/errors.js';
import { promise, refusing } from '../target.js';

const folder = mkdtempSync(path.join(tmpdir(), 'ceo-fuzz-settings-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const file = path.join(folder, 'fuzz.cf');

export const seeds = [
  'mysql_admin_username = ceod\nmysql_admin_password = "a#b"\n',
  'penalty_exempt = 192.0.2.7 2001:db8::/32\nlinked_groups = "a:b,c"\n',
  'username_regex = "^[a-z]$" # comment\nmember_min_id = 0x10 \\\n\n',
  'include fuzz.cf\n',
].map((text) => Buffer.from(text));

export function fuzz(data: Buffer): void {
  // What is included may be any file, and is not for a fuzzer to name.
  if (/include/.test(data.toString('latin1')) && !data.equals(seeds[3] as Buffer)) return;
  writeFileSync(file, data);
  for (const table of [accountsTable, ceodTable, mysqlTable]) {
    try {
      refusing(CeoError, () => load(table, file));
    } catch (error) {
      throw new Error('a mistake is a CeoError', { cause: error });
    }
  }
  const secret = /^\s*mysql_admin_password\s*=\s*([a-z]{8,})\s*$/m.exec(data.toString('utf8'))?.[1];
  if (secret === undefined) return;
  try {
    load(mysqlTable, file);
  } catch (error) {
    promise(!(error as Error).message.includes(secret), 'no secret is shown');
  }
}
