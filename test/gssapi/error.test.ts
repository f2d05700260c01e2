/** Promise: a failed GSS-API call is one plain sentence and the next step, with the library's own words kept. */
import { expect, test } from '@jest/globals';
import { GssError, type GssReason } from '../../src/gssapi/error.js';

const GSS_S_FAILURE = 13 << 16;
const GSS_S_NO_CRED = 7 << 16;
const GSS_S_CREDENTIALS_EXPIRED = 11 << 16;
const ERROR_TABLE_BASE_krb5 = -1765328384;

test.each<[string, number, number, GssReason, RegExp, RegExp]>([
  ['KRB5_FCC_NOFILE', GSS_S_NO_CRED, 195, 'no-ticket', /no Kerberos ticket/, /kinit/],
  ['KRB_AP_ERR_TKT_EXPIRED', GSS_S_FAILURE, 32, 'expired', /has expired/, /kinit/],
  ['KRB_AP_ERR_SKEW', GSS_S_FAILURE, 37, 'clock-skew', /clocks/, /Set the clock/],
  ['KDC_ERR_S_PRINCIPAL_UNKNOWN', GSS_S_FAILURE, 7, 'wrong-host', /host name/, /ops\/\*/],
  ['KRB5KRB_AP_WRONG_PRINC', GSS_S_FAILURE, 144, 'wrong-host', /host name/, /service keytab/],
  ['KRB5_KT_NOTFOUND', GSS_S_FAILURE, 181, 'keytab', /keytab cannot be read/, /klist -k/],
  ['KRB5_KDC_UNREACH', GSS_S_FAILURE, 156, 'kdc-unreachable', /can be reached/, /krb5\.conf/],
  ['KRB_AP_ERR_BAD_INTEGRITY', GSS_S_FAILURE, 31, 'stale-key', /did not accept/, /kinit/],
])('%s', (_name, major, offset, reason, sentence, next) => {
  // The library hands the minor status over as an unsigned number.
  const minor = (ERROR_TABLE_BASE_krb5 + offset) >>> 0;
  const error = new GssError('gss_init_sec_context', { major, minor });
  expect(error).toMatchObject({ major, minor, reason, call: 'gss_init_sec_context' });
  expect(error.message).toMatch(sentence);
  expect(error.next).toMatch(next);
  expect(error.detail).not.toBe('');
});

test('an expired credential without a code of krb5', () => {
  const error = new GssError('gss_wrap', { major: GSS_S_CREDENTIALS_EXPIRED, minor: 0 });
  expect(error.reason).toBe('expired');
});

test('what is unknown is told in the library’s own words', () => {
  const error = new GssError('gss_wrap', { major: GSS_S_FAILURE, minor: 0 });
  expect(error.message).toBe('Kerberos authentication failed.');
  expect(error.next).toBe(`The library says: ${error.detail}`);
});
