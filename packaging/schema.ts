/** A schema of slapd.conf(5) as an entry of cn=config, for sites that have no slapd.conf. */

const ATTRIBUTE = { attributetype: 'olcAttributeTypes', objectclass: 'olcObjectClasses' } as const;

export function schemaLdif(name: string, text: string): string {
  // A line that begins with white space continues the one above.
  const definitions = text
    .replaceAll(/^#.*\n?/gm, '')
    .replaceAll(/\n\s+/g, ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const values = definitions.map((definition) => {
    const [, kind = '', value] = /^(attributetype|objectclass) (\(.*\))$/.exec(definition) ?? [];
    if (value === undefined) throw new Error(`${name}.schema: ${definition}`);
    return `${ATTRIBUTE[kind as keyof typeof ATTRIBUTE]}: ${value.replaceAll(/\s+/g, ' ')}`;
  });
  const lines = [
    `dn: cn=${name},cn=schema,cn=config`,
    'objectClass: olcSchemaConfig',
    `cn: ${name}`,
    ...values,
  ];
  return `${lines.map(folded).join('\n')}\n`;
}

/** RFC 2849: a further line begins with one blank. */
const folded = (line: string) => line.replaceAll(/(?<=^(?:.{76})+)(?=.)/g, '\n ');
