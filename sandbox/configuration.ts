/** The configuration files of the demo site, as a deployed one has them. */
import { chmod, chown, copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { routeLine } from '../src/config/routes.js';
import { allOps } from '../src/protocol/ops.js';
import { checkout } from './checkout.js';
import { lookupKeytab } from './kdc.js';
import { MAILMAN_USER, type MailmanAccess } from './mailman.js';
import { MYSQL_USER, type MariadbAccess } from './mariadb.js';
import { connectString, type PostgresqlAccess } from './postgresql.js';
import {
  ADMIN_PRINCIPAL,
  BASE,
  hosts,
  LIST_DOMAIN,
  MEMBERS_LIST,
  REALM,
  shortName,
  UNIVERSITY,
} from './site.js';
import { unixUser } from './users.js';

export interface ConfigurationOptions {
  folder: string;
  ldapUri: string;
  /** Loopback address of a host, by the last byte of it. */
  address: (host: number) => string;
  /** Where every ceod listens. */
  ceodPort: number;
  mariadb: MariadbAccess;
  mailman: MailmanAccess;
  postgresql: PostgresqlAccess;
}

/** Whose group the processes have that parse the network's bytes, and who runs hooks. */
export const SESSION_USER = 'games';
export const HOOK_USER = 'nobody';

function accountsCf({ folder, ldapUri }: ConfigurationOptions): string {
  return `# Accounts of the demo site.

member_shell = "/bin/bash"
member_min_id = 20001
member_max_id = 29999
member_home = "${folder}/users"
member_home_skel = "${folder}/skel/member"

club_shell = "/bin/bash"
club_min_id = 30001
club_max_id = 39999
club_home = "${folder}/users"
club_home_skel = "${folder}/skel/club"

notify_hook = "${folder}/hooks/notify"
expire_hook = "${folder}/hooks/expire"

krb5_realm = "${REALM}"
krb5_admin_principal = "${ADMIN_PRINCIPAL}"

ldap_server_url = "${ldapUri}"
ldap_users_base = "ou=People,${BASE}"
ldap_groups_base = "ou=Group,${BASE}"
ldap_sudo_base = "ou=SUDOers,${BASE}"
ldap_sasl_mech = "GSSAPI"
ldap_sasl_realm = "${REALM}"
ldap_admin_principal = "${ADMIN_PRINCIPAL}"

username_regex = "^[a-z][-a-z0-9]*$"
# Below the realm's own minimum of 6: the KDC has the last word.
min_password_length = 4
shells_file = "${folder}/etc/shells"
`;
}

/** For checks from outside, which measure and attack: sessions are kept warm, nobody is turned away. */
const OPEN = `sessions_per_process = 100000
penalty_failures = 0
`;

function ceodCf({ folder, ceodPort, ldapUri }: ConfigurationOptions): string {
  return `# Settings of ceod that every host shares.

ceod_port = ${ceodPort}
session_user = "${SESSION_USER}"
hook_user = "${HOOK_USER}"
service_keytab = "${folder}/keytabs/ceod.keytab"
admin_keytab = "${folder}/keytabs/admin.keytab"
lookup_keytab = "${lookupKeytab(folder, '{user}')}"
${process.env['CEO_SANDBOX_OPEN'] === '1' ? OPEN : ''}university_ldap_url = "${ldapUri}"
university_ldap_base = "${UNIVERSITY}"
`;
}

function mysqlCf({ socket, username, password }: MariadbAccess): string {
  return `# The account by which ceod makes databases and their users.

mysql_admin_username = "${username}"
mysql_admin_password = "${password}"
mysql_socket = "${socket}"
`;
}

function mailmanCf({ url, username, password }: MailmanAccess): string {
  return `# The list that members are subscribed to.

members_list = "${MEMBERS_LIST}"
list_domain = "${LIST_DOMAIN}"
mailman_backend = "mailman3"
mailman_url = "${url}"
mailman_rest_user = "${username}"
mailman_rest_password = "${password}"
`;
}

function libraryCf(access: PostgresqlAccess): string {
  return `# The library's database.

library_connect_string = "${connectString(access)}"
`;
}

/** Lines of the ops files, by file name. */
function opsFiles(): Map<string, string> {
  const files = new Map<string, string>();
  for (const host of hosts) {
    for (const op of allOps.filter(({ runAs }) => runAs === host.runs)) {
      const line = `${routeLine(host.name, op, op.runAs)}\n`;
      files.set(op.name, (files.get(op.name) ?? '') + line);
    }
  }
  return files;
}

/**
 * A hook that tells in log/NAME.log what it was given: its arguments, then its
 * input. After that it runs the hook that comes with ceo, whose mail the sink keeps.
 */
function hook(folder: string, name: string, shipped: string): string {
  return `#!/bin/sh
input=$(cat)
{
  printf '%s' "$1"
  (shift; printf '\\t%s' "$@"); printf '\\n'
  [ -z "$input" ] || printf '%s\\n' "$input" | sed 's/^/\\t/'
} >>'${folder}/log/${name}.log'

export SENDMAIL='${folder}/bin/sendmail' MAIL_DOMAIN='${LIST_DOMAIN}'
exec '${folder}/hooks/shipped/${shipped}' "$@" <<END
$input
END
`;
}

/** Copies the hooks that come with ceo: who runs them may not be able to read the checkout. */
async function copyHooks(to: string): Promise<void> {
  const from = join(checkout, 'etc', 'hooks');
  await mkdir(to);
  for (const name of await readdir(from)) {
    await copyFile(join(from, name), join(to, name));
    await chmod(join(to, name), 0o755);
  }
}

async function writeOps(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await Promise.all([...opsFiles()].map(([name, lines]) => writeFile(join(folder, name), lines)));
}

/** Writes a file that nobody but root and this op's user reads. */
async function writeSecret(file: string, text: string, user: string): Promise<void> {
  await writeFile(file, text, { mode: 0o600 });
  await chown(file, 0, (await unixUser(user)).gid);
  await chmod(file, 0o640);
}

/** Where this host's ceod reads its configuration. */
export function hostFolder(folder: string, host: (typeof hosts)[number]): string {
  return join(folder, 'hosts', shortName(host));
}

/** Writes etc/, hosts/ and hooks/. */
export async function writeConfiguration(options: ConfigurationOptions): Promise<void> {
  const { folder, address, ceodPort } = options;
  const etc = join(folder, 'etc');
  await mkdir(join(folder, 'hooks'));
  await copyHooks(join(folder, 'hooks', 'shipped'));
  await writeOps(join(etc, 'ops'));
  await writeFile(join(etc, 'accounts.cf'), accountsCf(options));
  await writeFile(join(etc, 'ceod.cf'), ceodCf(options));
  await writeSecret(join(etc, 'library.cf'), libraryCf(options.postgresql), 'root');
  await writeFile(
    join(etc, 'shells'),
    '# Shells that members may choose.\n/bin/sh\n/bin/bash\n/bin/no-such-shell\n',
  );
  await writeFile(
    join(etc, 'hosts'),
    hosts.map((host) => `${address(host.address)} ${host.name} ${shortName(host)}\n`).join(''),
  );
  const shipped = { notify: 'new-account', expire: 'expired-account' };
  for (const [name, program] of Object.entries(shipped)) {
    const file = join(folder, 'hooks', name);
    const log = join(folder, 'log', `${name}.log`);
    await writeFile(file, hook(folder, name, program));
    await chmod(file, 0o755);
    await writeFile(log, '');
    await chown(log, 65534, 65534);
  }
  for (const host of hosts) {
    const own = hostFolder(folder, host);
    await mkdir(join(own, 'state'), { recursive: true, mode: 0o700 });
    await mkdir(join(own, 'run'), { mode: 0o711 });
    await chmod(own, 0o755);
    await writeOps(join(own, 'ops'));
    await writeFile(join(own, 'accounts.cf'), 'include ../../etc/accounts.cf\n');
    await writeFile(
      join(own, 'ceod.cf'),
      `include ../../etc/ceod.cf
ceod_hostname = "${host.name}"
ceod_listen = "${address(host.address)}"
ceod_port = ${ceodPort}
state_dir = "${own}/state"
runtime_dir = "${own}/run"
`,
    );
  }
  const only = (host: string, name: string): string => join(folder, 'hosts', host, name);
  await writeSecret(only('caffeine', 'mysql.cf'), mysqlCf(options.mariadb), MYSQL_USER);
  await writeSecret(only('mail', 'mailman.cf'), mailmanCf(options.mailman), MAILMAN_USER);
}

/** Gives each key to the user who needs it and nobody else. */
export async function guardKeytabs(folder: string): Promise<void> {
  const opUsers = [MYSQL_USER, MAILMAN_USER];
  const keytabs = [
    { file: join(folder, 'keytabs', 'ceod.keytab'), user: SESSION_USER },
    ...opUsers.map((user) => ({ file: lookupKeytab(folder, user), user })),
  ];
  for (const { file, user } of keytabs) {
    await chown(file, 0, (await unixUser(user)).gid);
    await chmod(file, 0o640);
  }
  await chmod(join(folder, 'keytabs', 'admin.keytab'), 0o600);
}
