/** A schema of slapd.conf(5), and the same as an entry of cn=config. */
import { ldifLine } from '../../ldif.js';

export interface Definition {
  readonly kind: 'attributetype' | 'objectclass';
  readonly oid: string;
  /** From bracket to bracket, on one line. */
  readonly text: string;
}

/**
 * In the order of the file: what comes later may build on what comes first.
 * @throws Error if there is anything else in it
 */
export function definitionsIn(schema: string): Definition[] {
  return schema
    .replace(/^#.*$/gm, '')
    .split(/^(?=attributetype|objectclass)/m)
    .filter((part) => part.trim() !== '')
    .map((part) => {
      const [, kind, text = ''] = /^(attributetype|objectclass)\s+(\(.*\))\s*$/s.exec(part) ?? [];
      const oid = /^\(\s*([\d.]+)/.exec(text)?.[1];
      if (kind === undefined || oid === undefined) throw new Error(`no definition: ${part.trim()}`);
      return { kind: kind as Definition['kind'], oid, text: text.replace(/\s+/g, ' ') };
    });
}

/** The entry by which cn=config learns them, in lines of LDIF. */
export const schemaLdif = (cn: string, definitions: readonly Definition[]): string[] => [
  `dn: cn=${cn},cn=schema,cn=config`,
  'objectClass: olcSchemaConfig',
  `cn: ${cn}`,
  ...definitions.map(({ kind, text }) =>
    ldifLine(kind === 'attributetype' ? 'olcAttributeTypes' : 'olcObjectClasses', text),
  ),
];
