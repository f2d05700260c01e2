/** A schema of slapd.conf(5) as an entry of cn=config, in a file, for sites that have no slapd.conf. */
import { definitionsIn, schemaLdif } from '../src/ceod/setup/schemaFile.js';

export const schemaLdifFile = (name: string, text: string): string =>
  `${schemaLdif(name, definitionsIn(text)).map(folded).join('\n')}\n`;

/** RFC 2849: a further line begins with one blank. */
const folded = (line: string) => line.replaceAll(/(?<=^(?:.{76})+)(?=.)/g, '\n ');
