/** Promise: a host's canonical full name, from CEO_HOSTS or from the system. */
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { canonicalHost, ownHostname } from '../../src/config/hosts.js';
import { configErrorOf, privateFolder } from './folder.js';

const folder = privateFolder();
const before = process.env['CEO_HOSTS'];

afterAll(() => {
  if (before === undefined) delete process.env['CEO_HOSTS'];
  else process.env['CEO_HOSTS'] = before;
});

describe('from the file that CEO_HOSTS names', () => {
  beforeEach(() => {
    process.env['CEO_HOSTS'] = folder.write(
      'hosts',
      `# comment ginseng
127.0.0.1\tlocalhost
127.0.0.11  Ginseng.Example.ORG. ginseng   # adduser
127.0.0.99  ginseng.example.org
::1 caffeine.example.org mysql caffeine
`,
    );
  });

  test.each([
    ['ginseng', 'ginseng.example.org', '127.0.0.11'],
    ['GINSENG', 'ginseng.example.org', '127.0.0.11'],
    ['caffeine.example.org', 'caffeine.example.org', '::1'],
    ['mysql', 'caffeine.example.org', '::1'],
  ])('%s', async (name, canonical, address) => {
    expect(await canonicalHost(name)).toEqual({ name: canonical, address });
  });

  test.each(['nowhere', 'adduser', '127.0.0.11'])('%s is not known', async (name) => {
    const error = await configErrorOf(() => canonicalHost(name));
    expect(error.message).toBe(`The host ${name} is not known.`);
    expect(error.next).toContain(`${folder.path}/hosts`);
  });

  test('a file that does not exist', async () => {
    process.env['CEO_HOSTS'] = '/nowhere/hosts';
    const error = await configErrorOf(() => canonicalHost('ginseng'));
    expect(error.message).toBe('/nowhere/hosts, which CEO_HOSTS names, cannot be read.');
  });
});

describe('from the system', () => {
  beforeEach(() => {
    process.env['CEO_HOSTS'] = '';
  });

  test('localhost', async () => {
    const { address } = await canonicalHost('localhost');
    expect(['127.0.0.1', '::1']).toContain(address);
  });

  test('this machine', async () => {
    expect((await canonicalHost(ownHostname())).name).not.toBe('');
  });

  test.each(['no-such-host.invalid', '-h', '--help'])('%s is not known', async (name) => {
    const error = await configErrorOf(() => canonicalHost(name));
    expect(error.message).toBe(`The host ${name} is not known.`);
    expect(error.next).toContain(`getent ahosts ${name}`);
  });
});
