/** Which certificate authorities an LDAP server's certificate is checked against. */
import { CeoError } from '../errors.js';
import { readRegularText, whyUnread } from '../regularFile.js';

const LDAP_CONF = '/etc/ldap/ldap.conf';
const DEBIAN_BUNDLE = '/etc/ssl/certs/ca-certificates.crt';

/**
 * The PEM file's content that libldap would use, ldap.conf(5): LDAPTLS_CACERT,
 * else TLS_CACERT, else Debian's bundle. Node does not look there by itself.
 */
export function trustedAuthorities(): string {
  const file = authoritiesFile();
  try {
    return readRegularText(file);
  } catch (cause) {
    throw new CeoError('config', `${file}, the trusted authorities, ${whyUnread(cause)}.`, {
      next: `Check LDAPTLS_CACERT, and TLS_CACERT in ${LDAP_CONF}.`,
      cause,
    });
  }
}

/** Every file that decides which authorities are trusted. */
export const trustFiles = (): string[] => [LDAP_CONF, authoritiesFile()];

const authoritiesFile = () => process.env['LDAPTLS_CACERT'] ?? fromLdapConf() ?? DEBIAN_BUNDLE;

function fromLdapConf(): string | undefined {
  try {
    return /^\s*TLS_CACERT\s+(\S+)/im.exec(readRegularText(LDAP_CONF))?.[1];
  } catch {
    return undefined;
  }
}
