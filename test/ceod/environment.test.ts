/** Promise: ceod has an environment of its own, whatever that of whoever starts it says. */
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { daemonEnvironment, takeEnvironment } from '../../src/ceod/base/environment.js';
import { SYSTEM_PATH } from '../../src/process/run.js';

let kept: NodeJS.ProcessEnv;
beforeEach(() => {
  kept = { ...process.env };
});
afterEach(() => {
  for (const name of Object.keys(process.env)) Reflect.deleteProperty(process.env, name);
  Object.assign(process.env, kept);
});

test('what is not for ceod is gone, and PATH is the system’s', () => {
  const hostile = ['LD_PRELOAD', 'NODE_OPTIONS', 'NODE_PATH', 'GSS_MECH_CONFIG', 'OPENSSL_CONF'];
  for (const name of hostile) process.env[name] = '/evil';
  process.env['PATH'] = `/evil:${process.env['PATH'] ?? ''}`;
  takeEnvironment();
  for (const name of hostile) expect(process.env[name]).toBeUndefined();
  expect(process.env['PATH']).toBe(SYSTEM_PATH);
  expect(process.env).toEqual(daemonEnvironment());
});

test('names of files are the same for a process that works in another folder', () => {
  process.env['CEO_CONFIG_DIR'] = 'csc';
  process.env['CEO_HOSTS'] = './hosts';
  process.env['CEO_LIB_DIR'] = '../lib';
  process.env['KRB5_CONFIG'] = 'krb5.conf:/etc/krb5.conf::more.conf';
  process.env['LDAPTLS_CACERT'] = 'ca.pem';
  const at = (file: string) => path.resolve(file);
  expect(daemonEnvironment()).toMatchObject({
    CEO_CONFIG_DIR: at('csc'),
    CEO_HOSTS: at('hosts'),
    CEO_LIB_DIR: at('../lib'),
    KRB5_CONFIG: `${at('krb5.conf')}:/etc/krb5.conf:${at('more.conf')}`,
    LDAPTLS_CACERT: at('ca.pem'),
  });
});

test('a variable that is empty is none', () => {
  process.env['CEO_HOSTS'] = '';
  expect('CEO_HOSTS' in daemonEnvironment()).toBe(false);
});

test('what a process of ceod needs besides is on top', () => {
  takeEnvironment({ KRB5_CLIENT_KTNAME: 'FILE:/k' });
  expect(process.env).toEqual({ ...daemonEnvironment(), KRB5_CLIENT_KTNAME: 'FILE:/k' });
});
