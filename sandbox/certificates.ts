/** A certificate authority of the sandbox's own, and slapd's certificate from it. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './run.js';

export interface Certificates {
  /** PEM files. */
  authority: string;
  certificate: string;
  key: string;
}

/** Makes both in this folder, for a server known by address and names. */
export async function makeCertificates(folder: string, address: string): Promise<Certificates> {
  const config = join(folder, 'openssl.cnf');
  const authority = join(folder, 'ca.pem');
  const authorityKey = join(folder, 'ca.key');
  const certificate = join(folder, 'slapd.pem');
  const key = join(folder, 'slapd.key');
  await writeFile(
    config,
    `[req]
distinguished_name = name
prompt = no
[name]
CN = unused
[authority]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = IP:${address}
`,
  );
  const request = ['req', '-x509', '-config', config, '-days', '7', '-nodes'];
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  await run('openssl', [
    ...[...request, ...newKey, '-extensions', 'authority', '-subj', '/CN=ceo sandbox authority'],
    ...['-keyout', authorityKey, '-out', authority],
  ]);
  await run('openssl', [
    ...[...request, ...newKey, '-extensions', 'server', '-subj', `/CN=${address}`],
    ...['-CA', authority, '-CAkey', authorityKey, '-keyout', key, '-out', certificate],
  ]);
  return { authority, certificate, key };
}
