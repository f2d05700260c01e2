/** The commands of ceo. */
import { adopt } from './adopt.js';
import { clubs } from './clubs.js';
import { command } from './command.js';
import { groups } from './groups.js';
import { library } from './library.js';
import { mail } from './mail.js';
import { members } from './members.js';
import { menu } from './menu.js';
import { mysql } from './mysql.js';
import { positions } from './positions.js';
import { legacyLists } from './search.js';
import { shell } from './shell.js';
import { legacyUpdatePrograms } from './updatePrograms.js';

export const ceo = command({
  name: 'ceo',
  usage: 'account administration of the club; the menu, without a command',
  action: (_values, context) => menu(context),
  subcommands: [
    members,
    clubs,
    groups,
    positions,
    shell,
    mail,
    mysql,
    library,
    adopt,
    ...legacyLists,
    legacyUpdatePrograms,
  ],
});
