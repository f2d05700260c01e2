/** What the directory must know: the shipped schema files, as they are or as LDIF for cn=config. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { ldifLine } from '../../ldif.js';
import { readRegularText } from '../../regularFile.js';
import { feed } from './localDirectory.js';
import { definitionsIn, schemaLdif, type Definition } from './schemaFile.js';
import type { Site } from './site.js';
import type { Step } from './step.js';

/** The build puts them beside the program. */
const SHIPPED = path.join(import.meta.dirname, 'schema');

/** Classes of accounts and groups first: those of the club join them. */
const ORDER = ['rfc2307bis', 'csclub', 'sudo'];

export function schemaSteps(site: Site): Step[] {
  const names = readdirSync(SHIPPED).map((file) => path.basename(file, '.schema'));
  const inOrder = names.sort((one, other) => ORDER.indexOf(one) - ORDER.indexOf(other));
  return inOrder.map((name) => schema(site, name));
}

const ATTRIBUTE = { attributetype: 'attributeTypes', objectclass: 'objectClasses' } as const;

/** The definitions that the server has, whichever file they came from. */
async function known({ directory }: Site, kind: Definition['kind']): Promise<readonly string[]> {
  const subschema = await directory?.entry('cn=Subschema', ATTRIBUTE[kind]);
  return subschema?.values(ATTRIBUTE[kind]) ?? [];
}

function schema(site: Site, name: string): Step {
  const { directory } = site;
  const file = path.join(SHIPPED, `${name}.schema`);
  const definitions = definitionsIn(readRegularText(file));
  const missing = async () => {
    const all = [...(await known(site, 'attributetype')), ...(await known(site, 'objectclass'))];
    const oids = new Set(all.map((text) => /^\(\s*([\d.]+)/.exec(text)?.[1]));
    return definitions.filter(({ oid }) => !oids.has(oid));
  };
  return {
    what: `the schema ${name}`,
    isDone: async () => (directory === undefined ? undefined : (await missing()).length === 0),
    commands: async () => {
      if (directory?.hasConfig !== true) return `include ${file}`;
      const wanted = await missing();
      // What is there in part came from elsewhere, which has the name.
      const cn = wanted.length === definitions.length ? name : `${name}-more`;
      return feed('ldapadd', directory.url, schemaLdif(cn, wanted));
    },
    undo: () =>
      '# slapd keeps what it has learnt: remove the file of that name from ' +
      'cn=config/cn=schema/ while it is stopped, or the line of slapd.conf',
    byHand: () => unlessConfig(site),
  };
}

/** Why the configuration of slapd is not changed from here. */
function unlessConfig({ directory, slapdConf }: Site): string | undefined {
  return directory?.hasConfig === true
    ? undefined
    : `on the host of the directory, in ${slapdConf}, above its databases; then restart slapd`;
}

const isPosixGroup = (text: string) => text.includes("'posixGroup'");

/**
 * nis.schema has posixGroup as a structural class, which an entry of class `group` cannot have as
 * well. Entries that have it as their structural class could not be changed any more afterwards:
 * root has to be able to see them before.
 */
export function auxiliaryGroups(site: Site): Step {
  const { directory } = site;
  const defined = async () => (await known(site, 'objectclass')).find(isPosixGroup);
  const holder = async () => {
    const all =
      (await directory?.search(
        'cn=schema,cn=config',
        'one',
        '(objectClass=olcSchemaConfig)',
        'olcObjectClasses',
      )) ?? [];
    return all.find((entry) => entry.values('olcObjectClasses').some(isPosixGroup));
  };
  const change = async (turn: (text: string) => { from: string; to: string }) => {
    if (directory?.hasConfig !== true)
      return `include ${path.join(SHIPPED, 'rfc2307bis.schema')} # in place of nis.schema`;
    const entry = await holder();
    const { from, to } = turn(entry?.values('olcObjectClasses').find(isPosixGroup) ?? '');
    return feed('ldapmodify', directory.url, [
      ldifLine('dn', entry?.dn ?? ''),
      'changetype: modify',
      'delete: olcObjectClasses',
      ldifLine('olcObjectClasses', from),
      '-',
      'add: olcObjectClasses',
      ldifLine('olcObjectClasses', to),
    ]);
  };
  const auxiliary = (text: string) => text.replace('STRUCTURAL', 'AUXILIARY');
  return {
    what: 'posixGroup as an auxiliary class, which joins the class group',
    isDone: async () => {
      if (directory === undefined) return undefined;
      return (await defined())?.includes('AUXILIARY') === true;
    },
    commands: () => change((text) => ({ from: text, to: auxiliary(text) })),
    undo: () => change((text) => ({ from: auxiliary(text), to: text })),
    byHand: async () => {
      const other = unlessConfig(site);
      if (other !== undefined || directory === undefined) return other;
      if ((await defined()) === undefined) return undefined;
      const count = await structuralGroups(site);
      return count === 0
        ? undefined
        : `${count} groups have it as their structural class, and could not be changed any more: ` +
            'remake them afterwards, with what ceo adopt --ldif prints';
    },
  };
}

/** Groups anywhere on this server that have no other class to stand on. */
async function structuralGroups({ directory }: Site): Promise<number> {
  if (directory === undefined) return 0;
  const trees = (await directory.entry('', 'namingContexts'))?.values('namingContexts') ?? [];
  const found = await Promise.all(
    trees.map((tree) => directory.search(tree, 'sub', '(structuralObjectClass=posixGroup)', '1.1')),
  );
  return found.flat().length;
}

/** Whether an entry can be a posixGroup and a group of the club; true if it will be by then. */
export async function groupsCanBeMade(site: Site): Promise<boolean> {
  const isAuxiliary = (await known(site, 'objectclass')).find(isPosixGroup)?.includes('AUXILIARY');
  return isAuxiliary === true || (await structuralGroups(site)) === 0;
}
