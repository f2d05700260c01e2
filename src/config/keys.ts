/** Every key of every file that is read: the tables behind docs/configuration.md. */
import {
  address,
  command,
  dn,
  httpUrl,
  integer,
  networks,
  links,
  ldapUrl,
  ldapUrls,
  oneOf,
  path,
  postgresUrl,
  range,
  regexp,
  seconds,
  startups,
  string,
  words,
  type Table,
} from './kinds.js';

const ids = integer(1, 4_294_967_294);
const count = integer(1, 1_000_000);

/** Of keys that deployed files have, and no program reads. */
const DEPLOYED = 'known for compatibility; nothing reads it';

/** accounts.cf: shared by ceo and ceod, as deployed sites have it. */
export const accountsTable = {
  member_shell: { kind: path, usage: 'login shell of new members' },
  member_min_id: { kind: ids, usage: 'first uid of members' },
  member_max_id: { kind: ids, usage: 'last uid of members' },
  member_home: { kind: path, usage: 'folder of the homes of members' },
  member_home_skel: { kind: path, usage: 'what a new member finds in the home' },
  club_shell: { kind: path, usage: 'login shell of new clubs' },
  club_min_id: { kind: ids, usage: 'first uid of clubs' },
  club_max_id: { kind: ids, usage: 'last uid of clubs' },
  club_home: { kind: path, usage: 'folder of the homes of clubs' },
  club_home_skel: { kind: path, usage: 'what a new club finds in the home' },
  notify_hook: { kind: path, optional: true, usage: 'program that hears of new accounts' },
  expire_hook: { kind: path, optional: true, usage: 'program that hears of expired accounts' },
  krb5_realm: { kind: string, usage: 'the Kerberos realm' },
  krb5_admin_principal: { kind: string, usage: 'who ceod is for kadmin' },
  ldap_server_url: { kind: ldapUrls, usage: 'the LDAP servers, tried in turn' },
  ldap_write_url: {
    kind: ldapUrl,
    optional: true,
    usage: 'the one that takes the changes, and alone gives out uids; the first unless given',
  },
  ldap_users_base: { kind: dn, usage: 'where accounts are' },
  ldap_groups_base: { kind: dn, usage: 'where groups are' },
  ldap_sudo_base: { kind: dn, usage: 'where sudo rules are' },
  ldap_sasl_mech: {
    kind: oneOf('GSSAPI'),
    default: 'GSSAPI',
    usage: 'how to authenticate to LDAP',
  },
  ldap_sasl_realm: {
    kind: string,
    optional: true,
    usage: 'read for compatibility; krb5_realm counts',
  },
  ldap_admin_principal: { kind: string, usage: 'who ceod is for LDAP' },
  username_regex: {
    kind: regexp,
    default: '^[a-z][-a-z0-9]*$',
    usage: 'what new usernames must match',
  },
  min_password_length: {
    kind: integer(1, 128),
    default: '4',
    usage: 'in characters; the KDC may want more',
  },
  shells_file: { kind: path, default: '/etc/shells', usage: 'the shells that members may choose' },
  admin_min_id: { kind: string, optional: true, usage: DEPLOYED },
  admin_max_id: { kind: string, optional: true, usage: DEPLOYED },
} as const satisfies Table;

/** ceod.cf: settings of our own; the file may be absent. */
export const ceodTable = {
  ceod_hostname: {
    kind: string,
    optional: true,
    usage: "this host's full name, if the resolver does not know it",
  },
  ceod_port: {
    kind: integer(1, 65_535),
    default: '9987',
    usage: 'TCP port, for ceod and its clients',
  },
  ceod_listen: { kind: address, default: '::', usage: 'address to listen on; :: is all' },
  session_user: {
    kind: string,
    default: 'ceod',
    usage: 'Unix user whose group the session processes have',
  },
  session_uids: {
    kind: range(1, 4_294_967_294),
    default: '70000-70255',
    usage: 'their uids, one for each process: numbers that nobody else has',
  },
  service_keytab: {
    kind: path,
    default: '/etc/csc/ceod.keytab',
    usage: 'the key of ceod/HOST, readable by session_user',
  },
  admin_keytab: {
    kind: path,
    default: '/etc/csc/ceod-admin.keytab',
    usage: 'the keys of the admin principals, readable by root alone',
  },
  lookup_keytab: {
    kind: path,
    default: '/etc/csc/ceod-{user}.keytab',
    usage: 'a key by which the ops of {user}, when that is not root, look people up in LDAP',
  },
  sessions_per_process: {
    kind: count,
    default: '1',
    usage: 'connections that a session process serves before it ends',
  },
  spare_sessions: { kind: integer(1, 1000), default: '4', usage: 'session processes kept ready' },
  max_sessions: { kind: integer(1, 10_000), default: '32', usage: 'connections served at a time' },
  max_queued: {
    kind: integer(0, 100_000),
    default: '256',
    usage: 'connections that wait for a session; one more is closed',
  },
  max_startups: {
    kind: startups,
    // As many as sessions with login_deadline_busy can see to within login_deadline.
    default: '96:30:160',
    usage:
      'connections not yet authenticated, waiting ones among them: from START on RATE percent of further ones are closed, growing to all at FULL',
  },
  max_per_principal: {
    kind: integer(1, 10_000),
    default: '24',
    usage: 'connections of one principal at a time; below max_sessions, so that others are served',
  },
  max_per_address: {
    kind: integer(1, 1_000_000),
    optional: true,
    usage: 'connections of one address, those that wait among them; without it, all there may be',
  },
  penalty_failures: {
    kind: integer(0, 1_000_000),
    default: '30',
    usage: 'failures within a minute for which an address is turned away; 0: never',
  },
  penalty_time: {
    kind: seconds,
    default: '60',
    usage: 'for how long',
  },
  penalty_exempt: {
    kind: networks,
    default: '',
    usage: 'who is never turned away for failures',
  },
  login_deadline: { kind: seconds, default: '10', usage: 'from accept to authenticated' },
  login_deadline_busy: {
    kind: seconds,
    default: '2',
    usage: 'the same while other connections wait, from when it is served',
  },
  idle_timeout: { kind: seconds, default: '300', usage: 'between two ops of a connection' },
  idle_timeout_busy: {
    kind: seconds,
    // Well below login_deadline: a connection that waits is served in time.
    default: '5',
    usage: 'the same while other connections wait',
  },
  max_session_age: {
    kind: seconds,
    default: '3600',
    usage: 'how long a connection may last, whatever is done on it; a client connects again',
  },
  max_session_age_busy: {
    kind: seconds,
    default: '60',
    usage: 'the same while other connections wait',
  },
  drain_timeout: { kind: seconds, default: '30', usage: 'how long SIGTERM waits for ops in hand' },
  step_timeout: {
    kind: seconds,
    default: '30',
    usage: 'for one step of an op: LDAP, kadmin, a child',
  },
  op_timeout: {
    kind: seconds,
    // Below reply_timeout: the client hears that the connection was closed.
    default: '100',
    usage: "for the whole of an op; a site's own program has external_op_timeout",
  },
  state_dir: { kind: path, default: '/var/lib/ceod', usage: 'where the journal is' },
  runtime_dir: { kind: path, default: '/run/ceod', usage: 'where the sockets of the runners are' },
  auth_groups: {
    kind: oneOf('ldap', 'nss'),
    default: 'ldap',
    usage: 'where it stands who is in office and syscom',
  },
  office_group: { kind: string, default: 'office', usage: 'may add accounts and help members' },
  syscom_group: { kind: string, default: 'syscom', usage: 'may do everything' },
  external_ops: {
    kind: words,
    default: '',
    usage: "ops that are executed by the site's program op-NAME instead of ceod's own code",
  },
  external_op_timeout: {
    kind: seconds,
    default: '60',
    usage: "for a site's own op program, and for its turn",
  },
  one_at_a_time: {
    kind: words,
    default: '',
    usage: "ops whose program of the site's runs once at a time, such as a deployed op-adduser",
  },
  mail_domains: {
    kind: words,
    default: '',
    usage:
      'whose mail comes to the homes, and so may not be forwarded there; krb5_realm unless given',
  },
  forward_needs_dot: {
    kind: oneOf('yes', 'no'),
    default: 'yes',
    usage: 'whether mail is forwarded to domains with a dot alone',
  },
  min_username_length: {
    kind: integer(1, 32),
    default: '3',
    usage: 'what ceo asks of new usernames, in characters',
  },
  min_name_length: {
    kind: integer(1, 255),
    default: '4',
    usage: 'what ceo asks of the names of new members and clubs, in characters',
  },
  linked_groups: {
    kind: links,
    default: 'syscom:office,staff,adm,src office:cdrom,audio,video,www',
    usage: 'groups that somebody who joins or leaves a group joins or leaves as well',
  },
  hook_user: { kind: string, default: 'nobody', usage: 'Unix user of the hooks' },
  notify_of: {
    kind: oneOf('all', 'success'),
    default: 'all',
    usage: 'what notify_hook hears of: also of accounts that could not be made, or not',
  },
  hook_timeout: { kind: seconds, default: '30', usage: 'for a hook' },
  reserved_names: { kind: words, default: '', usage: 'names refused besides the shipped ones' },
  quota_command: {
    kind: command('{prototype}', '{uid}'),
    optional: true,
    usage: 'copies the quota of one user to another; without it no quotas are set',
  },
  member_quota_prototype: {
    kind: string,
    default: 'ctdalek',
    usage: 'whose quota new members get',
  },
  club_quota_prototype: { kind: string, default: 'csc', usage: 'whose quota new clubs get' },
  uid_counter_base: {
    kind: dn,
    optional: true,
    usage: 'where the uid counters are kept; ldap_users_base unless given',
  },
  university_ldap_url: {
    kind: ldapUrls,
    optional: true,
    usage: "the university's LDAP servers, tried in turn; without them nobody is looked up",
  },
  university_ldap_base: {
    kind: dn,
    optional: true,
    usage: 'where people are in it; needed with university_ldap_url',
  },
  log_level: {
    kind: oneOf('debug', 'info', 'warn', 'error'),
    default: 'info',
    usage: 'the least that is logged',
  },
  connect_timeout: { kind: seconds, default: '10', usage: 'of a client, until authenticated' },
  reply_timeout: { kind: seconds, default: '120', usage: 'of a client, for the reply to an op' },
} as const satisfies Table;

/** ceod.cf as clients of ceod read it. */
export const clientTable = {
  ceod_port: ceodTable.ceod_port,
  connect_timeout: ceodTable.connect_timeout,
  reply_timeout: ceodTable.reply_timeout,
} as const satisfies Table;

/** mysql.cf: for the host that serves mysql; as deployed sites have it, and mysql_socket. */
export const mysqlTable = {
  mysql_admin_username: { kind: string, usage: 'who ceod is for the database server' },
  mysql_admin_password: { kind: string, secret: true, usage: 'the password of that account' },
  mysql_socket: {
    kind: path,
    default: '/run/mysqld/mysqld.sock',
    usage: 'where the database server listens',
  },
  mysql_user_host: {
    kind: string,
    default: 'localhost',
    usage: 'where users may connect from: the HOST of their accounts',
  },
} as const satisfies Table;

/** mailman.cf: for the host that serves mailman; as deployed sites have it, and the backend. */
export const mailmanTable = {
  members_list: { kind: string, usage: 'the list of the members; none: nobody is subscribed' },
  list_domain: { kind: string, usage: 'the domain of the list and of the addresses' },
  mailman_backend: {
    kind: oneOf('mailman2', 'mailman3'),
    default: 'mailman2',
    usage: 'the command of Mailman 2, or the REST interface of Mailman 3',
  },
  mailman_command: {
    kind: path,
    optional: true,
    usage: 'add_members of Mailman 2; unless given, where Debian or Mailman itself puts it',
  },
  mailman_url: {
    kind: httpUrl,
    default: 'http://localhost:8001/3.1',
    usage: 'the REST interface of Mailman 3',
  },
  mailman_rest_user: { kind: string, default: 'restadmin', usage: 'admin_user of mailman.cfg' },
  mailman_rest_password: {
    kind: string,
    optional: true,
    secret: true,
    usage: 'admin_pass of mailman.cfg; needed for Mailman 3',
  },
} as const satisfies Table;

/** library.cf: for whoever works in the library; as deployed sites have it, and the rest. */
export const libraryTable = {
  library_connect_string: {
    kind: postgresUrl,
    secret: true,
    usage: "the library's PostgreSQL database",
  },
  library_loan_days: {
    kind: integer(1, 366),
    default: '14',
    usage: 'how many days a book is lent for',
  },
  book_service_url: {
    kind: httpUrl,
    default: 'https://openlibrary.org',
    usage: 'what describes new books: Open Library, or another that answers as it does',
  },
} as const satisfies Table;
