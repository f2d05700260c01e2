/** Commands for what only a person can decide: they open the file in which it is decided. */
import path from 'node:path';
import { configDir } from '../../config/settings.js';
import { shellWord } from '../../shellWord.js';

/** @param file of the configuration */
export const edit = (file: string): string =>
  `sensible-editor ${shellWord(path.join(configDir(), file))} && systemctl restart ceod`;

/** On the server of the directory. */
export const editSlapd = (file = 'slapd.conf'): string =>
  `sensible-editor /etc/ldap/${file} && systemctl restart slapd`;
