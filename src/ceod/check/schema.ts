/** The schema of each server of the directory: whether entries as ceod makes them would be taken. */
import { PresenceFilter } from 'ldapts';
import type { SiteDirectory } from '../../directory/siteDirectory.js';
import { serverUrls, withDirectory } from './directoryAt.js';
import { fault, remark, type Finding } from './finding.js';
import type { Host } from './host.js';
import { editSlapd } from './mend.js';

/** What docs/directory.md asks for. */
const CLASSES = [
  ...['member', 'club', 'group', 'posixGroup'],
  ...['account', 'posixAccount', 'shadowAccount', 'sudoRole'],
];
const ATTRIBUTES = ['term', 'nonMemberTerm', 'program', 'position', 'uniqueMember'];
/** Those of schema files that others have written. */
const OF_OTHERS = [
  'posixGroup',
  'account',
  'posixAccount',
  'shadowAccount',
  'sudoRole',
  'uniqueMember',
];
/** Those that the class member must allow. */
const OF_MEMBERS = ['term', 'nonMemberTerm', 'program', 'position'];

export async function schema(host: Host): Promise<Finding[]> {
  const found = await Promise.all(
    serverUrls(host).map((url) =>
      withDirectory(host, url, async (directory) => problems(url, await readSchema(directory))),
    ),
  );
  return found.flat();
}

/** Descriptions of RFC 4512 §4.1. */
interface Schema {
  readonly classes: readonly string[];
  readonly attributes: readonly string[];
}

const anything = new PresenceFilter({ attribute: 'objectClass' });

async function readSchema(directory: SiteDirectory): Promise<Schema> {
  const read = async (dn: string, ...attributes: string[]) =>
    (await directory.search(dn, { scope: 'base', filter: anything, attributes }))[0];
  const root = await read('', 'subschemaSubentry');
  const dn = root?.values('subschemaSubentry')[0] ?? 'cn=Subschema';
  const entry = await read(dn, 'objectClasses', 'attributeTypes');
  const classes = entry?.values('objectClasses') ?? [];
  if (classes.length === 0) throw new Error(`its schema, ${dn}, may not be read`);
  return { classes, attributes: entry?.values('attributeTypes') ?? [] };
}

function problems(url: string, { classes, attributes }: Schema): Finding[] {
  const mend = editSlapd('schema/csclub.schema');
  const lacks = (kind: string, name: string) =>
    fault(
      `ldap.schema.${name}`,
      `${url} does not know the ${kind} ${name} (docs/directory.md has it)`,
      OF_OTHERS.includes(name) ? editSlapd() : mend,
    );
  const member = describing(classes, 'member');
  const group = describing(classes, 'posixGroup');
  return [
    ...CLASSES.filter((name) => describing(classes, name) === undefined).map((name) =>
      lacks('class', name),
    ),
    ...ATTRIBUTES.filter((name) => describing(attributes, name) === undefined).map((name) =>
      lacks('attribute', name),
    ),
    ...(group !== undefined && !/ AUXILIARY /.test(group)
      ? [
          fault(
            'ldap.schema.posixGroup.structural',
            `${url} has posixGroup as a structural class, which excludes that of the club's groups`,
            `sed -i s/nis.schema/rfc2307bis.schema/ /etc/ldap/slapd.conf && systemctl restart slapd`,
          ),
        ]
      : []),
    ...(member === undefined ? [] : ofMembers(url, member, mend)),
  ];
}

function ofMembers(url: string, member: string, mend: string): Finding[] {
  const allowed = namesIn(member, 'MAY');
  const lacking = (name: string) => !allowed.has(name.toLowerCase());
  const what = (name: string) => `${url} does not allow ${name} in the class member`;
  const phone = 'telephoneNumber';
  return [
    ...OF_MEMBERS.filter(lacking).map((name) =>
      fault(`ldap.schema.member.${name}`, what(name), mend),
    ),
    ...(lacking(phone)
      ? [
          remark(
            `ldap.schema.member.${phone}`,
            `${what(phone)}: accounts with a phone number are refused`,
            mend,
          ),
        ]
      : []),
  ];
}

/** The description of that name. */
const describing = (descriptions: readonly string[], name: string): string | undefined =>
  descriptions.find((each) => namesIn(each, 'NAME').has(name.toLowerCase()));

/** The names behind a keyword: one, or several in brackets. */
function namesIn(description: string, keyword: 'NAME' | 'MAY'): ReadonlySet<string> {
  const [, several, one = ''] =
    new RegExp(` ${keyword} (?:\\(([^)]*)\\)|(\\S+))`).exec(description) ?? [];
  const names = (several ?? one).split(/[\s$']+/).filter((name) => name !== '');
  return new Set(names.map((name) => name.toLowerCase()));
}
