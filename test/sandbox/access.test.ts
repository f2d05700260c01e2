/** Who may do what in the directory and in the realm, as a site would have it. */
import { describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { folder, kadmin, ldap, run, variable } from './inside.js';

const SUCCESS = 0;
const INSUFFICIENT_ACCESS = 50;
const base = variable('LDAP_BASE');
const person = (username: string): string => `uid=${username},ou=People,${base}`;
const group = (name: string): string => `cn=${name},ou=Group,${base}`;

async function modify(who: string, dn: string, change: string): Promise<number | null> {
  return (await ldap(who, 'ldapmodify', [], `dn: ${dn}\nchangetype: modify\n${change}\n`)).status;
}

describe('the directory', () => {
  test.each(['ctdalek', 'sysadmin1', 'nobody1'])('knows %s by the ticket', async (name) => {
    const { stdout } = await ldap(name, 'ldapwhoami', []);
    expect(stdout.toLowerCase()).toBe(`dn:${person(name)}\n`.toLowerCase());
  });

  test('knows an instance apart from the person', async () => {
    const env = {
      KRB5CCNAME: 'MEMORY:',
      KRB5_CLIENT_KTNAME: join(folder, 'keytabs', 'admin.keytab'),
    };
    const { stdout } = await run(['ldapwhoami', '-Q', '-Y', 'GSSAPI', '-H', variable('LDAP_URI')], {
      env,
    });
    expect(stdout).toBe(`dn:cn=ceod/admin,${base}\n`);
  });

  test('lets office renew, and plain members not', async () => {
    const dn = person('mailu08');
    expect(await modify('nobody1', dn, 'add: term\nterm: w2031')).toBe(INSUFFICIENT_ACCESS);
    expect(await modify('mailu08', dn, 'add: term\nterm: w2031')).toBe(INSUFFICIENT_ACCESS);
    expect(await modify('ctdalek', dn, 'add: term\nterm: w2031')).toBe(SUCCESS);
    expect(await modify('ctdalek', dn, 'replace: program\nprogram: MATH')).toBe(SUCCESS);
    expect(await modify('ctdalek', dn, 'delete: term\nterm: w2031')).toBe(SUCCESS);
  });

  test('keeps the rest from office', async () => {
    expect(
      await modify(
        'ctdalek',
        group('syscom'),
        `add: uniqueMember\nuniqueMember: ${person('ctdalek')}`,
      ),
    ).toBe(INSUFFICIENT_ACCESS);
    expect(await modify('ctdalek', person('mailu08'), 'replace: uidNumber\nuidNumber: 0')).toBe(
      INSUFFICIENT_ACCESS,
    );
  });

  test('lets syscom change groups and positions', async () => {
    const membership = `uniqueMember\nuniqueMember: ${person('mailu08')}`;
    expect(await modify('sysadmin1', group('grponly'), `add: ${membership}`)).toBe(SUCCESS);
    expect(await modify('sysadmin1', group('grponly'), `delete: ${membership}`)).toBe(SUCCESS);
    expect(await modify('sysadmin1', person('mailu08'), 'add: position\nposition: librarian')).toBe(
      SUCCESS,
    );
    expect(await modify('sysadmin1', person('mailu08'), 'delete: position')).toBe(SUCCESS);
  });

  test('lets members choose their own shell and nobody else’s', async () => {
    const shell = 'replace: loginShell\nloginShell: /bin/bash';
    expect(await modify('mailu08', person('mailu08'), shell)).toBe(SUCCESS);
    expect(await modify('mailu08', person('mailu09'), shell)).toBe(INSUFFICIENT_ACCESS);
  });

  test('tells strangers nothing', async () => {
    const anonymous = (args: string[]) =>
      run(['ldapsearch', '-x', '-LLL', '-H', variable('LDAP_URI'), ...args]);
    const root = await anonymous(['-s', 'base', '-b', '', 'supportedSASLMechanisms']);
    expect(root.stdout).toContain('GSSAPI');
    const people = await anonymous(['-b', base, '(uid=ctdalek)']);
    expect(people.stdout).not.toContain('ctdalek');
    expect(people.status).not.toBe(SUCCESS);
  });

  test('answers ldap:// after StartTLS alone', async () => {
    const whoami = (...flags: string[]) =>
      run(['ldapwhoami', '-Q', '-Y', 'GSSAPI', ...flags, '-H', variable('LDAP_STARTTLS_URI')]);
    expect((await whoami()).stderr).toContain('TLS confidentiality required');
    expect((await whoami('-ZZ')).status).toBe(SUCCESS);
  });
});

describe('the realm', () => {
  test('lets ceod/admin make, change and remove people', async () => {
    const password = 'long-enough\nlong-enough\n';
    expect(
      (await kadmin(['addprinc', '-policy', 'default', '-allow_tix', 'temporary'], password))
        .status,
    ).toBe(0);
    expect((await kadmin(['modprinc', '+allow_tix', 'temporary'])).status).toBe(0);
    expect((await kadmin(['cpw', 'temporary'], 'long-enough-2\nlong-enough-2\n')).status).toBe(0);
    expect((await kadmin(['getprinc', 'temporary'])).stdout).toContain('Policy: default');
    expect((await kadmin(['delprinc', '-force', 'temporary'])).status).toBe(0);
  });

  test('refuses a password that ceod would let through', async () => {
    const { status, stderr } = await kadmin(
      ['addprinc', '-policy', 'default', 'tooshort'],
      'abcd\nabcd\n',
    );
    expect(status).toBe(1);
    expect(stderr).toContain('Password is too short');
  });

  test.each(['krbtgt/CSCLUB.TEST', 'kadmin/admin', 'ceod/ginseng.csclub.test'])(
    'gives ceod/admin no say over %s',
    async (principal) => {
      const { status, stderr } = await kadmin(['delprinc', '-force', principal]);
      expect(status).toBe(1);
      expect(stderr).toContain('privilege');
    },
  );

  test('has a principal without an entry in the directory', async () => {
    expect((await kadmin(['getprinc', 'ghost'])).status).toBe(0);
    const { stdout } = await ldap('ctdalek', 'ldapsearch', ['-LLL', '-b', base, '(uid=ghost)']);
    expect(stdout).toBe('');
  });
});
