/** The peer: Debian's remctld, in the sandbox's realm, running a script for each command. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { freePort, isListening } from '../sandbox/network.js';
import { run, systemPath } from '../sandbox/run.js';
import { startServer, type Server } from '../sandbox/server.js';
import { ADMIN_PRINCIPAL, REALM } from '../sandbox/site.js';
import { folder, ginseng, variable } from '../test/support/realm.js';

/**
 * Becomes remctld with a listening socket as systemd hands it over: by itself remctld has a
 * backlog of 5, and 32 clients at a time would measure how the kernel turns them away.
 */
const WITH_BACKLOG = `
import os, socket, sys
address, port, *command = sys.argv[1:]
listener = socket.create_server((address, int(port)), backlog=1024)
os.dup2(listener.fileno(), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid()))
os.execv(command[0], command)
`;

const scripts = path.join(import.meta.dirname, 'scripts');

/** The password of a new member, the last argument, goes to standard input. */
const config = `ceo nothing /bin/true ANYUSER
ceo getforward ${scripts}/getforward ANYUSER
ceo mail ${scripts}/mail ANYUSER
ceo adduser ${scripts}/adduser stdin=last ANYUSER
`;

/** What the scripts need to know; their uids are no ceod's. */
const siteEnv = (within: (...names: string[]) => string) => ({
  LDAPURI: variable('LDAP_URI'),
  LDAPBASE: variable('LDAP_BASE'),
  LDAPTLS_CACERT: variable('LDAPTLS_CACERT'),
  LDAPSASL_MECH: 'GSSAPI',
  KRB5_CLIENT_KTNAME: within('keytabs', 'admin.keytab'),
  KRB5CCNAME: `FILE:${within('ccaches', 'remctld')}`,
  ADMIN: ADMIN_PRINCIPAL,
  MIN_UID: '50001',
  MAX_UID: '59999',
  HOMES: within('users'),
  SKELETON: within('skel', 'member'),
  LOCK: within('remctld.lock'),
});

/** Makes its principal and keytab, and starts it on a free port. */
export async function startRemctld(): Promise<Server & { readonly target: string }> {
  const within = (...names: string[]) => path.join(folder, ...names);
  const keytab = within('keytabs', 'remctld.keytab');
  const file = within('etc', 'remctld.conf');
  const address = variable('CEOD_GINSENG').replace(/:.*/, '');
  const env = { PATH: systemPath, KRB5_CONFIG: variable('KRB5_CONFIG') };
  await run('kadmin.local', ['-r', REALM], {
    env: { ...env, KRB5_KDC_PROFILE: within('kdc', 'kdc.conf') },
    input: `addprinc -randkey host/${ginseng}\nktadd -q -k ${keytab} host/${ginseng}\n`,
  });
  await writeFile(file, config);
  const port = await freePort(address);
  const server = await startServer({
    name: 'remctld',
    command: [
      ...(['/usr/bin/python3', '-c', WITH_BACKLOG, address, String(port)] as const),
      ...['/usr/sbin/remctld', '-m', '-F', '-S', '-k', keytab, '-f', file],
    ],
    env: { ...env, ...siteEnv(within), KRB5RCACHENAME: `file2:${within('remctld.rcache')}` },
    log: within('log', 'remctld.log'),
    ready: () => isListening(address, port),
  });
  return { ...server, target: `${address}:${port}` };
}
