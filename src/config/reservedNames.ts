/**
 * Names that no account may take, whether or not this host knows them: base
 * system and service accounts, groups that sudoers(5) trusts, Kerberos service
 * names, and the system schemas and accounts of SQL servers.
 */
export const shippedReservedNames: readonly string[] = [
  // Debian's base-passwd, users and groups.
  ...[
    'root',
    'daemon',
    'bin',
    'sys',
    'sync',
    'games',
    'man',
    'lp',
    'mail',
    'news',
    'uucp',
    'proxy',
  ],
  ...['www-data', 'backup', 'list', 'irc', 'gnats', 'nobody', 'nogroup', 'adm', 'tty', 'disk'],
  ...['kmem', 'dialout', 'fax', 'voice', 'cdrom', 'floppy', 'tape', 'sudo', 'audio', 'dip'],
  ...['operator', 'src', 'shadow', 'utmp', 'video', 'sasl', 'plugdev', 'staff', 'users'],
  ...['input', 'kvm', 'render', 'sgx', 'crontab', 'netdev', 'messagebus', '_apt', 'systemd'],
  ...['systemd-network', 'systemd-resolve', 'systemd-timesync', 'systemd-journal', 'docker', 'lxd'],
  // Groups that rights hang on.
  ...['wheel', 'admin', 'admins', 'administrator', 'sudoers', 'office', 'syscom'],
  // Services.
  ...['apache', 'bind', 'ceod', 'cups', 'cyrus', 'dovecot', 'exim', 'ftp', 'git', 'imap', 'imapd'],
  ...[
    'mailman',
    'mariadb',
    'munin',
    'mysql',
    'named',
    'nagios',
    'nginx',
    'nslcd',
    'ntp',
    'openldap',
  ],
  ...[
    'postfix',
    'postgres',
    'prometheus',
    'rpc',
    'rsync',
    'slapd',
    'smmsp',
    'smtp',
    'squid',
    'ssh',
  ],
  ...['sshd', 'sssd', 'statd', 'stunnel', 'syslog', 'tomcat', 'tor', 'unbound', 'xmpp'],
  // Kerberos service names and the realm's own principals.
  ...['afs', 'afpserver', 'changepw', 'cifs', 'dns', 'host', 'http', 'imaps', 'k', 'kadmin'],
  ...['kadmind', 'kiprop', 'krbtgt', 'ldap', 'nfs', 'pop', 'wellknown'],
  // Addresses that RFC 2142 and mailers reserve.
  ...['abuse', 'hostmaster', 'info', 'mailer-daemon', 'marketing', 'noc', 'noreply', 'postmaster'],
  ...['sales', 'security', 'support', 'trouble', 'usenet', 'webmaster'],
  // SQL: system schemas, accounts and roles.
  ...['information_schema', 'performance_schema', 'mysql-sys', 'test', 'public', 'pg_catalog'],
  ...['debian-sys-maint', 'template0', 'template1'],
];
