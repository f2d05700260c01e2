/** Promise: ops/* says which host serves which op, and nothing in it is guessed. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { loadRoutes } from '../../src/config/routes.js';
import { allOps } from '../../src/protocol/ops.js';
import { configErrorOf, privateFolder } from './folder.js';

const folder = privateFolder();
const before = process.env['CEO_HOSTS'];

beforeAll(() => {
  process.env['CEO_HOSTS'] = folder.write(
    'hosts',
    '127.0.0.11 ginseng.example.org ginseng\n127.0.0.12 caffeine.example.org caffeine\n',
  );
});
afterAll(() => {
  if (before === undefined) delete process.env['CEO_HOSTS'];
  else process.env['CEO_HOSTS'] = before;
});

/** A folder of its own with these routing files. */
function site(files: Record<string, string>): string {
  const dir = mkdtempSync(path.join(folder.path, 'site-'));
  mkdirSync(path.join(dir, 'ops'));
  for (const [name, text] of Object.entries(files))
    writeFileSync(path.join(dir, 'ops', name), text);
  return dir;
}

/** The routes, with their hosts looked up. */
const routes = (files: Record<string, string>) =>
  Promise.all(
    loadRoutes(site(files), allOps).map(async ({ host, ...route }) => ({
      host: await host(),
      ...route,
    })),
  );
const names = async (files: Record<string, string>) =>
  (await routes(files)).map(({ name }) => name);

test('host in full, user from the file, ID in C notation', async () => {
  expect(
    await routes({
      adduser: 'ginseng adduser root 0x01\n',
      mail: '# comment\n\n\tginseng.example.org  mail\tmailer 02 # trailing',
      mysql: 'caffeine mysql mysql 3\r\n',
    }),
  ).toEqual([
    {
      host: { name: 'ginseng.example.org', address: '127.0.0.11' },
      name: 'adduser',
      user: 'root',
      id: 1,
    },
    {
      host: { name: 'ginseng.example.org', address: '127.0.0.11' },
      name: 'mail',
      user: 'mailer',
      id: 2,
    },
    {
      host: { name: 'caffeine.example.org', address: '127.0.0.12' },
      name: 'mysql',
      user: 'mysql',
      id: 3,
    },
  ]);
});

test("several lines of a file, and a site's own op", async () => {
  const text = 'ginseng adduser root 1\nginseng mail root 2\ncaffeine reboot-it nobody 0x7f\n';
  expect(await names({ all: text })).toEqual(['adduser', 'mail', 'reboot-it']);
});

test('hidden files, editor and dpkg leftovers and folders are ignored', () => {
  const junk = 'this is no line of a routing file\n';
  const dir = site({
    mail: 'ginseng mail root 2',
    '.mail.swp': junk,
    'mail~': junk,
    'mail.dpkg-old': junk,
    'mail.dpkg-dist': junk,
  });
  mkdirSync(path.join(dir, 'ops', 'RCS'));
  expect(loadRoutes(dir, allOps).map(({ name }) => name)).toEqual(['mail']);
});

test('of an op of the proto the host is enough', async () => {
  const [short] = await routes({ mysql: 'caffeine mysql # no more\n' });
  expect(short).toMatchObject({ name: 'mysql', user: 'mysql', id: 3 });
  const dir = site({ own: 'ginseng own' });
  expect((await configErrorOf(() => loadRoutes(dir, allOps))).message).toMatch(
    /own:1: "ginseng own": expected HOST NAME USER ID/,
  );
});

test('no files, no routes', async () => {
  expect(await names({})).toEqual([]);
});

describe('errors name file and line', () => {
  test.each([
    ['a word too few', 'ginseng mail root', /expected HOST NAME USER ID/],
    ['a word too many', 'ginseng mail root 2 3', /expected HOST NAME USER ID/],
    ['no number', 'ginseng mail root two', /ID two: expected an op id in C notation/],
    ['no octal number', 'ginseng mail root 08', /ID 08: expected an op id/],
    ['op 0', 'ginseng mail root 0', /ID 0: expected an op id/],
    ['more than 32 bits', 'ginseng own root 0x100000000', /expected an op id/],
    ['the id of authentication', 'ginseng own root 0x08000000', /means authentication/],
    ['a name with a slash', 'ginseng ../own root 0x20', /NAME \.\.\/own: expected letters/],
    ['an id of another op', 'ginseng mail root 1', /mail with id 0x01: expected/],
    ['a name of another op', 'ginseng adduser root 2', /adduser with id 0x02: expected/],
    ['an own name for an id of the proto', 'ginseng own root 4', /expected mailman with id 0x04/],
  ])('%s', async (_what, line, message) => {
    const dir = site({ test: `# first\n${line}\n` });
    const error = await configErrorOf(() => loadRoutes(dir, allOps));
    expect(error.message).toMatch(message);
    expect(error.message.startsWith(`${dir}/ops/test:2: `)).toBe(true);
  });

  test('an unknown host, when it is asked for: other ops go on', async () => {
    const dir = site({ test: 'nowhere mail root 2\nginseng adduser root 1' });
    const [mail, adduser] = loadRoutes(dir, allOps);
    const error = await configErrorOf(() => mail?.host());
    expect(error.message).toBe(`${dir}/ops/test:1: The host nowhere is not known.`);
    expect((await adduser?.host())?.name).toBe('ginseng.example.org');
  });

  test.each([
    ['another host', 'caffeine mail root 0x02'],
    ['the same line', 'ginseng mail root 2'],
  ])('an op routed twice: %s', async (_what, line) => {
    const dir = site({ mail: '\nginseng mail root 2', 'mail.bak': line });
    const { message } = await configErrorOf(() => loadRoutes(dir, allOps));
    expect(message).toContain(`${dir}/ops/mail.bak:1: mail (0x02): expected each op once`);
    expect(message).toContain(`${dir}/ops/mail:2 routes mail (0x02)`);
  });

  test('two own ops with one id', async () => {
    const files = { own: 'ginseng one root 0x20\nginseng two root 0x20' };
    const { message } = await configErrorOf(() => routes(files));
    expect(message).toMatch(/own:2: two \(0x20\): expected each op once; .*own:1 routes one/);
  });

  test('no folder', async () => {
    const dir = site({});
    rmSync(path.join(dir, 'ops'), { recursive: true });
    const { message } = await configErrorOf(() => loadRoutes(dir, allOps));
    expect(message).toBe(`The routing files in ${dir}/ops cannot be read.`);
  });

  test('a link that leads nowhere', async () => {
    const dir = site({});
    symlinkSync('/nowhere', path.join(dir, 'ops', 'mail'));
    await configErrorOf(() => loadRoutes(dir, allOps));
  });
});
