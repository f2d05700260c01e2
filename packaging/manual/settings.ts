/** Pages of the files of /etc/csc: what the tables of settings say, and the form of ops/*. */
import type { Row, Table } from '../../src/config/kinds.js';
import { inHex } from '../../src/config/routes.js';
import { allOps } from '../../src/protocol/ops.js';
import { whoMay } from '../../src/protocol/rights.js';
import { literal, seeAlso, tagged, text, word, type Page, type Section } from './mdoc.js';

interface About {
  readonly about: string;
  readonly description: readonly string[];
  readonly others: readonly string[];
}

export const pageOfSettings = (
  file: string,
  table: Table,
  { about, description, others }: About,
): Page => ({
  name: file,
  section: 5,
  about,
  sections: [
    { title: 'SYNOPSIS', lines: [`.Pa /etc/csc/${file}`] },
    { title: 'DESCRIPTION', lines: description },
    SYNTAX,
    {
      title: 'SETTINGS',
      lines: tagged(
        Object.entries(table).map(([key, row]) => [
          `Cm ${word(key)} No = Ar ${word(row.kind.expected)}`,
          [text(sentence(row.usage)), ...standing(row)],
        ]),
      ),
    },
    FILES,
    seeAlso(others),
  ],
});

function standing(row: Row<unknown>): string[] {
  if (row.default !== undefined && row.default !== '') {
    return ['Default:', `.Ql ${word(row.default)} .`];
  }
  return [row.optional === true || row.default === '' ? 'Optional.' : 'Required.'];
}

const SYNTAX: Section = {
  title: 'SYNTAX',
  lines: [
    'Lines are',
    '.Ql key = value ;',
    'a value may stand in quotes, and one that occurs again replaces the one before.',
    '.Ql #',
    'begins a comment, a backslash at the end of a line continues it, and',
    '.Ql include FILE',
    'reads another file at this place.',
    'Unknown keys are warned of; values that are wrong are told with file, line and key by',
    '.Ql ceod --check-config .',
  ],
};

const FILES: Section = {
  title: 'FILES',
  lines: tagged([
    ['Pa /usr/share/doc/ceo/examples', ['An example of each file.']],
    ['Pa /usr/share/doc/ceo/configuration.md', ['All of the configuration, with reasons.']],
  ]),
};

export const opsPage = (others: readonly string[]): Page => ({
  name: 'ops',
  section: 5,
  about: 'which host serves which operation of ceod',
  sections: [
    { title: 'SYNOPSIS', lines: ['.Pa /etc/csc/ops/*'] },
    {
      title: 'DESCRIPTION',
      lines: [
        'Each line of each file routes one operation:',
        ...literal(['HOST NAME USER ID']),
        '.Bl -tag -width Ds',
        '.It Ar HOST',
        'Where it is served.',
        'Its canonical full name, as',
        '.Ql getent ahosts HOST',
        'gives it, tells ceod that it is meant, and clients whom to ask for.',
        '.It Ar NAME',
        'The operation.',
        'One that is not listed below is of the',
        "site's own:",
        '.Pa /usr/lib/ceod/op-NAME',
        'executes it.',
        '.It Ar USER',
        'The Unix user that executes it on that host.',
        '.It Ar ID',
        'Its number, in C notation.',
        '.El',
        '.Pp',
        '.Ql #',
        'begins a comment.',
        'An operation is routed once.',
        'Files whose names begin with a full stop, end with',
        '.Ql ~',
        'or contain',
        '.Ql .dpkg-',
        'are ignored.',
        'A host to which nothing is routed serves nothing.',
      ],
    },
    {
      title: 'OPERATIONS',
      lines: tagged(
        allOps.map((op) => [
          `Cm ${word(op.name)} No ${inHex(op.id)}`,
          [`Run as ${op.runAs}.`, text(`Who may: ${whoMay(op)}.`)],
        ]),
      ),
    },
    FILES,
    { title: 'EXAMPLES', lines: literal(['ginseng.example.org adduser root 0x01']) },
    seeAlso(others),
  ],
});

const sentence = (usage: string) => `${usage.charAt(0).toUpperCase()}${usage.slice(1)}.`;
