/** The files that libkrb5 and the mechanisms of GSS-API are configured by, krb5.conf(5). */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { readRegularText } from '../regularFile.js';

const KRB5_CONF = '/etc/krb5.conf';
/** Where libgssapi_krb5 learns of further mechanisms, which it loads. */
const GSS_MECH = '/etc/gss/mech';

/** Lines that name a further file, a folder of files, or code that is loaded. */
const NAMES_FILE =
  /^\s*(?:include\s+|module\s*=\s*[^:\s]*:|module\s+(?!=)|plugin_base_dir\s*=\s*)([^:\s]+)/;
const NAMES_FOLDER = /^\s*includedir\s+(\S+)/;
/** What is read of such a folder. */
const IN_FOLDER = /^(?:[A-Za-z0-9_-]+|[^.].*\.conf)$/;

/** All of them, and code of the site's that they name; those that cannot be read count as empty. */
export function profileFiles(): string[] {
  const files = new Set<string>();
  const pending = [
    ...(process.env['KRB5_CONFIG'] || KRB5_CONF).split(':').filter((file) => file !== ''),
    ...[GSS_MECH, `${GSS_MECH}.d`, ...filesIn(`${GSS_MECH}.d`)],
  ];
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    if (files.has(file)) continue;
    files.add(file);
    for (const line of linesOf(file)) {
      const [, named] = NAMES_FILE.exec(line) ?? [];
      if (named !== undefined && path.isAbsolute(named)) pending.push(named);
      const [, folder] = NAMES_FOLDER.exec(line) ?? [];
      if (folder !== undefined) pending.push(folder, ...filesIn(folder));
    }
  }
  return [...files];
}

function linesOf(file: string): string[] {
  try {
    return readRegularText(file).split('\n');
  } catch {
    return [];
  }
}

function filesIn(folder: string): string[] {
  try {
    const names = readdirSync(folder).filter((name) => IN_FOLDER.test(name));
    return names.map((name) => path.join(folder, name));
  } catch {
    return [];
  }
}
