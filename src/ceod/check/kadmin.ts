/** What the admin principal may do in Kerberos, and the policy that judges passwords. */
import { KeytabProblem, withTicket } from '../../kerberos/keytab.js';
import { askKadmin, type KadminRight } from '../../kerberos/kadminRights.js';
import { CeoError } from '../../errors.js';
import { shellWord } from '../../shellWord.js';
import { fault, unasked, type Finding } from './finding.js';
import type { Host } from './host.js';

/** As kadm5.acl(5) writes them. */
const LETTERS: Readonly<Record<KadminRight, string>> = {
  add: 'a',
  delete: 'd',
  modify: 'm',
  changepw: 'c',
  inquire: 'i',
};

export async function kadmin({ accounts, ceod, timeoutMs }: Host): Promise<Finding[]> {
  const { krb5Realm: realm, krb5AdminPrincipal: adminPrincipal } = accounts;
  const keytab = ceod.adminKeytab;
  try {
    // Otherwise it is the key's trouble, or the KDC's, which another part tells.
    await withTicket({ keytab, principal: adminPrincipal }, timeoutMs, () => Promise.resolve());
  } catch (error) {
    if (error instanceof KeytabProblem) return [unasked('kadmin', error)];
    throw error;
  }
  try {
    const state = await askKadmin({ realm, adminPrincipal, keytab, timeoutMs });
    return [
      ...state.lacking.map((right) => {
        const line = `${adminPrincipal} admci *@${realm}`;
        const what = `${adminPrincipal} may not ${right} principals (${LETTERS[right]} of kadm5.acl)`;
        const mend = `echo ${shellWord(line)} >>/etc/krb5kdc/kadm5.acl && systemctl restart krb5-admin-server`;
        return fault(`kadmin.${right}`, what, mend);
      }),
      ...policy(state.policy),
    ];
  } catch (error) {
    if (!(error instanceof CeoError) || error.code !== 'unreachable') throw error;
    // It is not there at all, which another part tells.
    if (error.message.includes('failed to execute')) return [unasked('kadmin', error)];
    const what = `kadmin does not get through: ${error.message}`;
    return [fault('kadmin.unreachable', what, 'systemctl restart krb5-admin-server')];
  }
}

function policy(isThere: boolean | undefined): Finding[] {
  if (isThere === true) return [];
  if (isThere === undefined)
    return [unasked('kadmin.policy', 'the policy default may not be read')];
  const what = 'there is no password policy default: any password is accepted';
  return [fault('kadmin.policy', what, `kadmin -q 'addpol -minlength 8 default'`)];
}
