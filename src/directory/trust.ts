/** Which certificate authorities an LDAP server's certificate is checked against. */
import { readFileSync } from 'node:fs';

const LDAP_CONF = '/etc/ldap/ldap.conf';
const DEBIAN_BUNDLE = '/etc/ssl/certs/ca-certificates.crt';

/**
 * The PEM file's content that libldap would use, ldap.conf(5): LDAPTLS_CACERT,
 * else TLS_CACERT, else Debian's bundle. Node does not look there by itself.
 */
export const trustedAuthorities = (): string => readFileSync(authoritiesFile(), 'utf8');

/** Every file that decides which authorities are trusted. */
export const trustFiles = (): string[] => [LDAP_CONF, authoritiesFile()];

const authoritiesFile = () => process.env['LDAPTLS_CACERT'] ?? fromLdapConf() ?? DEBIAN_BUNDLE;

function fromLdapConf(): string | undefined {
  try {
    return /^\s*TLS_CACERT\s+(\S+)/im.exec(readFileSync(LDAP_CONF, 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}
