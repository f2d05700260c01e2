/** The commands of ceo. */
import { command } from './command.js';
import { library } from './library.js';
import { mail } from './mail.js';
import { members } from './members.js';
import { mysql } from './mysql.js';
import { clubsAdd } from './signUp.js';

const clubs = command({ name: 'clubs', usage: 'accounts of clubs', subcommands: [clubsAdd] });

export const ceo = command({
  name: 'ceo',
  usage: 'account administration of the club',
  subcommands: [members, clubs, mail, mysql, library],
});
