/**
 * Names that no account may take, whether or not this host knows them: on some
 * other host of the site, in Kerberos or in a database, they mean something.
 */
const groupedByReason = [
  // Users and groups that every Debian system has (base-passwd, systemd, dbus).
  `root daemon bin sys sync games man lp mail news uucp proxy www-data backup list irc gnats nobody
   nogroup adm tty disk kmem dialout fax voice cdrom floppy tape sudo audio dip operator src shadow
   utmp video sasl plugdev staff users input kvm render sgx crontab netdev messagebus _apt polkitd
   systemd systemd-network systemd-resolve systemd-timesync systemd-journal systemd-coredump
   systemd-oom uuidd tss rtkit avahi colord scanner lpadmin ssl-cert`,
  // Users and groups of services.
  `apache bind ceod chrony clamav cups cyrus dbus dhcpd dnsmasq docker dovecot exim ftp git gitolite
   httpd imapd libvirt lxd mailman mariadb memcached munin mysql named nagios nginx nslcd ntp
   openldap openvpn postfix postgres postgresql prometheus puppet rabbitmq redis rpc rsync samba
   sendmail slapd smmsp smmta spamd squid ssh sshd _ssh sssd statd stunnel syslog tcpdump tomcat tor
   unbound vmail wireshark www xmpp`,
  // Names that rights hang on: in sudoers(5), in polkit, in the club itself.
  `all admin admins administrator administrators defaults guest office sudoers superuser syscom
   toor wheel`,
  // Kerberos: services, and principals of the realm itself.
  `afpserver afs anonymous changepw cifs cvs dns hdb host hprop http imap imaps kadmin kadmind kafs
   kca kiprop krbtgt ldap nfs pop pop3 rcmd sip smtp sasl vnc wellknown webauth xmpp-server zephyr`,
  // Addresses of roles: RFC 2142, RFC 5321, and what mailers send as.
  `abuse hostmaster info localhost mailer-daemon marketing noc noreply no-reply owner postmaster
   sales security support trouble undisclosed-recipients usenet webmaster`,
  // Offices of the club, and words of its own addresses on the web.
  `account accounts cro help join librarian login logout membership offsck president register
   secretary signin signup sysadmin treasurer vice-president`,
  // SQL: schemas and databases that the server brings, its accounts and roles.
  `information_schema performance_schema test public none session_user current_user current_role
   debian-sys-maint mysql.sys mysql.session mysql.infoschema mariadb.sys mariadb-backup
   pg_catalog pg_toast template0 template1`,
  // Applications, whose databases and accounts bear their names.
  `baikal bbs bitwarden blog bookstack bugzilla cacti calendar cms davical discourse dokuwiki drupal
   etherpad firefly flarum forgejo forum freshrss gallery gitea gitlab glpi gogs grafana grav
   hedgedoc icinga icingaweb2 invoiceninja jenkins jitsi joomla kanboard keycloak koha limesurvey
   mantis mantisbt mastodon matomo matrix mattermost mediawiki moodle mumble nextcloud netbox odoo
   opendkim owncloud pdns peertube phpbb phpmyadmin pgadmin piwigo piwik pixelfed pleroma plesk
   powerdns radicale redmine roundcube rt rundeck seafile semaphore shop snipeit sogo synapse
   teampass trac tt-rss vaultwarden wallabag webmail wekan wiki wikijs wordpress wp xwiki yourls
   zabbix zoneminder zulip`,
];

/** In lower case, each once. */
export const shippedReservedNames: readonly string[] = [
  ...new Set(groupedByReason.flatMap((names) => names.split(/\s+/))),
];
