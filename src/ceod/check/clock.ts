/** The KDC's clock against ours: Kerberos bears 5 minutes, and terms, tickets and logs less. */
import { withTicket } from '../../kerberos/keytab.js';
import { fault, type Finding } from './finding.js';
import type { Host } from './host.js';
import { serviceKey } from './keys.js';

/** In seconds. */
const MOST = 60;

export async function clock(host: Host): Promise<Finding[]> {
  const before = Date.now();
  const issuedAt = await withTicket(serviceKey(host), host.timeoutMs, (ticket) =>
    Promise.resolve(ticket.issuedAt),
  );
  // It was issued somewhere between then and now.
  const [behind, ahead] = [before - issuedAt, issuedAt - Date.now()];
  const seconds = Math.round(Math.max(behind, ahead) / 1000);
  if (Number.isNaN(seconds)) throw new Error('klist does not tell when the ticket was issued');
  if (seconds <= MOST) return [];
  const what = `the KDC's clock is ${seconds} s ${ahead > behind ? 'ahead of' : 'behind'} ours`;
  return [fault('clock.kdc', what, 'chronyc makestep')];
}
